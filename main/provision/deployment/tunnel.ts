/**
 * A port on the device's own loopback that leads to the server on ours, through the SSH connection. When that
 * is lost, a later one opens the same port again, because the agent keeps knocking there.
 */
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaduceusError } from '../../core/errors.ts';
import type { Remote, RemoteListener } from '../ssh/remote.ts';

const ATTEMPTS = 10;
/** The device's sshd may still hold the port for the connection that was lost. */
const PAUSE_MS = 1000;
/** One worker has one connection; more only while it reconnects. */
const MAX_CONNECTIONS = 8;

export class Tunnel {
  readonly #server: { host: string; port: number };
  readonly #open = new Set<Duplex>();
  #listener: RemoteListener | undefined;
  #port = 0;

  constructor(server: { host: string; port: number }) {
    this.#server = server;
  }

  /** On the device; 0 before the first `open`. */
  get port(): number {
    return this.#port;
  }

  /** @throws CAD-TUNNEL, CAD-SSH-LOST */
  async open(remote: Remote): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.#listener = await remote.forwardIn(this.#port, (connection) => this.#join(connection));
        this.#port = this.#listener.port;
        return;
      } catch (error) {
        const isHeld = this.#port !== 0 && error instanceof CaduceusError && error.code === 'CAD-TUNNEL';
        if (!isHeld || attempt >= ATTEMPTS) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }

  async close(): Promise<void> {
    await this.#listener?.close().catch(() => undefined);
    for (const stream of this.#open) stream.destroy();
  }

  #join(device: Duplex): void {
    if (this.#open.size >= 2 * MAX_CONNECTIONS) {
      device.destroy();
      return;
    }
    const server = connect({ ...this.#server, noDelay: true });
    const ends: readonly [Duplex, Duplex] = [device, server];
    for (const [from, to] of [ends, [server, device] as const]) {
      this.#open.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#open.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}
