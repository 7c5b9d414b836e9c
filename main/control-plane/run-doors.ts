/**
 * Where a run's workers connect to. This machine's own come through the loopback, and so do tunnels; a
 * device comes through the address that this machine has on the device's network, with TLS unless that
 * network encrypts. Doors are opened when somebody needs them.
 */
import type { RunConfig } from '../core/config.ts';
import type { ServerCertificate } from '../server/certificate.ts';
import type { OpenDoor } from '../server/host.ts';
import { addressTowards, ownAddress, reachOf } from '../server/interfaces.ts';
import type { Door } from '../server/listener.ts';

const LOOPBACK = '127.0.0.1';

export class RunDoors {
  readonly #settings: RunConfig['server'];
  readonly #listen: (door: Door) => Promise<OpenDoor>;
  readonly #certificate: () => Promise<ServerCertificate>;
  readonly #open = new Map<string, Promise<OpenDoor>>();

  constructor(
    settings: RunConfig['server'],
    listen: (door: Door) => Promise<OpenDoor>,
    certificate: () => Promise<ServerCertificate>,
  ) {
    this.#settings = settings;
    this.#listen = listen;
    this.#certificate = certificate;
  }

  /**
   * The loopback, and the address that was asked for, whoever will come through it: one that cannot be had
   * is told before anything is started.
   * @throws CAD-PORT-IN-USE, CAD-LISTEN, CAD-OUTPUT
   */
  async open(): Promise<OpenDoor> {
    const loopback = await this.loopback();
    const { host } = this.#settings;
    if (host !== undefined && reachOf(host) !== 'loopback') await this.#door(host);
    return loopback;
  }

  /** For workers of this machine, and for tunnels to end at. @throws CAD-PORT-IN-USE, CAD-LISTEN */
  loopback(): Promise<OpenDoor> {
    const { host } = this.#settings;
    return this.#door(host !== undefined && reachOf(host) === 'loopback' ? host : LOOPBACK);
  }

  /** For a device, as far as it can be told from here. @throws CAD-PORT-IN-USE, CAD-LISTEN, CAD-OUTPUT */
  async towards(device: { address: string }): Promise<OpenDoor> {
    const host = this.#settings.host ?? (await addressTowards(device.address)) ?? ownAddress();
    return host === undefined || reachOf(host) === 'loopback' ? this.loopback() : this.#door(host);
  }

  #door(host: string): Promise<OpenDoor> {
    const known = this.#open.get(host);
    if (known) return known;
    const opening = this.#openDoor(host);
    this.#open.set(host, opening);
    opening.catch(() => this.#open.delete(host)); // the next one tries again
    return opening;
  }

  async #openDoor(host: string): Promise<OpenDoor> {
    const { port, tls } = this.#settings;
    const reach = reachOf(host);
    const isPlain = reach === 'loopback' || (reach === 'tailnet' && tls === 'auto');
    return this.#listen({ host, port, ...(!isPlain && { certificate: await this.#certificate() }) });
  }
}
