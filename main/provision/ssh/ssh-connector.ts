/**
 * Brings a device of the inventory to an authenticated connection: resolves the way, passes every hop with the same care,
 * and keeps the connection for whoever asks next.
 */
import type { Duplex } from 'node:stream';
import { CaduceusError } from '../../core/errors.ts';
import type { SecretKeeper } from '../secrets/secret-keeper.ts';
import { locateAgent } from './agent.ts';
import { DroppedEarly } from './algorithms.ts';
import { Authentication } from './authentication.ts';
import { cancelled, type Connection } from './connection.ts';
import type { ConnectDevice, ConnectionLease, Connector, ConnectOptions, ConnectStage } from './connector.ts';
import { dial } from './dial.ts';
import { handshake } from './handshake.ts';
import { HandshakeSlots } from './handshake-slots.ts';
import { HostKeyGuard, type HostKeyParts, OpenVerdict } from './host-key-guard.ts';
import { type DeviceByName, type ResolvedHop, resolveHops } from './resolve.ts';
import { SharedConnections } from './shared-connections.ts';
import type { SshConfigSource } from './ssh-config.ts';
import { hopAddress, hopName } from './target.ts';

/** Connections that a busy server dropped before it showed a key. */
const DROP_ATTEMPTS = 10;
const DROP_WAIT_MS = 150;
const MAX_DROP_WAIT_MS = 3000;
/** One for an unknown key, one if the machine then shows another. */
const MAX_KEY_QUESTIONS = 2;

export interface ConnectorParts extends HostKeyParts {
  secrets: SecretKeeper;
  environment: NodeJS.ProcessEnv;
  sshConfig: SshConfigSource;
  deviceByName: DeviceByName;
  /** Draws from [0, 1), so that dropped connections do not come again together. */
  random: () => number;
  /** Until a key exchange is through; 15 s when left out. */
  keyExchangeMs?: number;
  /** Words about what was passed over, such as lines of known_hosts. */
  onWarning(text: string): void;
}

type Report = (stage: ConnectStage, detail?: string) => void;

export class SshConnector implements Connector {
  readonly #parts: ConnectorParts;
  readonly #slots = new HandshakeSlots();
  readonly #shared = new SharedConnections();
  readonly #closing = new AbortController();
  readonly #warned = new Set<string>();

  constructor(parts: ConnectorParts) {
    this.#parts = parts;
  }

  async connect(device: ConnectDevice, options: ConnectOptions): Promise<ConnectionLease> {
    const report: Report = options.onStage ?? (() => undefined);
    report('resolve');
    const hops = await resolveHops(device, this.#parts.sshConfig, this.#parts.deviceByName);
    const last = hops.at(-1) as ResolvedHop;
    report(
      'resolve',
      `${hopName(last)}${hops.length > 1 ? `, through ${hops.slice(0, -1).map(hopAddress).join(', ')}` : ''}`,
    );
    const signal = AbortSignal.any([this.#closing.signal, ...(options.signal ? [options.signal] : [])]);
    const lease = await this.#reach(hops, options, signal, report);
    report('authenticate', lease.remote.server);
    return { ...lease, endpoint: { host: last.host, port: last.port } };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#shared.close();
  }

  /** The connection to the last of these, over the ones before it. */
  async #reach(
    hops: readonly ResolvedHop[],
    options: ConnectOptions,
    signal: AbortSignal,
    report: Report,
  ): Promise<ConnectionLease & { connection: Connection }> {
    const way = hops.map((hop) => `${hopName(hop)} ${hop.keyFiles.join(':')}`).join(' > ');
    const make = async (): Promise<Connection> => {
      const hop = hops.at(-1) as ResolvedHop;
      const before =
        hops.length > 1
          ? await this.#reach(hops.slice(0, -1), { ...options, isNew: false }, signal, report)
          : undefined;
      try {
        const connection = await this.#establish(hop, before?.connection, way, options, signal, report);
        void connection.whenLost.then(() => before?.release());
        return connection;
      } catch (error) {
        await before?.release();
        throw error;
      }
    };
    return this.#shared.get(way, make, options.isNew);
  }

  async #establish(
    hop: ResolvedHop,
    over: Connection | undefined,
    way: string,
    options: ConnectOptions,
    signal: AbortSignal,
    report: Report,
  ): Promise<Connection> {
    const refused = new Set<string>();
    let drops = 0;
    let keyQuestions = 0;
    let isSecondLogin = false;
    for (;;) {
      if (signal.aborted) throw cancelled(`connect to ${hopAddress(hop)}`);
      const guard = await HostKeyGuard.for(hop, this.#parts, options.acceptNew === true);
      this.#warn(guard.warnings);
      const leave = await this.#slots.enter(way);
      const authentication = new Authentication({
        hop,
        agent: this.#agentFor(hop),
        secrets: this.#parts.secrets,
        dialogue: options.dialogue,
        signal,
        refused,
        onWaiting: leave,
      });
      try {
        return await this.#attempt(hop, over, guard, authentication, signal, report);
      } catch (error) {
        leave();
        if (error instanceof OpenVerdict && ++keyQuestions <= MAX_KEY_QUESTIONS) {
          await guard.decide(error, options.dialogue, signal);
        } else if (error instanceof DroppedEarly && ++drops < DROP_ATTEMPTS) {
          await this.#pause(drops, signal);
        } else if (!isSecondLogin && (await authentication.answerAfterDrop())) {
          isSecondLogin = true;
        } else throw error instanceof OpenVerdict ? unsteady(hop) : error;
      } finally {
        leave();
      }
    }
  }

  async #attempt(
    hop: ResolvedHop,
    over: Connection | undefined,
    guard: HostKeyGuard,
    authentication: Authentication,
    signal: AbortSignal,
    report: Report,
  ): Promise<Connection> {
    report('reach');
    const stream: Duplex = over === undefined ? await dial(hop, signal) : await over.forwardOut(hop.host, hop.port);
    report('reach', `port ${hop.port} answers`);
    report('host-key');
    const { keyExchangeMs } = this.#parts;
    return handshake(stream, hop, {
      ...(keyExchangeMs !== undefined && { keyExchangeMs }),
      keyTypes: guard.keyTypes(),
      verify: (key) => {
        guard.verify(key);
        report('host-key', guard.description);
        report('authenticate');
      },
      begin: (fail) => authentication.begin(fail),
      end: () => authentication.end(),
      next: (methodsLeft, isPartial) => authentication.next(methodsLeft, isPartial),
      onBanner: (text) => authentication.onBanner(text),
      refusal: (cause) => authentication.refusal(cause),
    });
  }

  #agentFor(hop: ResolvedHop): string | undefined {
    if (hop.agent === 'none') return undefined;
    return hop.agent ?? locateAgent(this.#parts.environment, process.platform);
  }

  async #pause(drops: number, signal: AbortSignal): Promise<void> {
    const boundMs = Math.min(MAX_DROP_WAIT_MS, DROP_WAIT_MS * 1.7 ** drops);
    const waitMs = boundMs * (0.5 + this.#parts.random());
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    });
  }

  #warn(warnings: readonly string[]): void {
    for (const warning of warnings) {
      if (this.#warned.has(warning)) continue;
      this.#warned.add(warning);
      this.#parts.onWarning(warning);
    }
  }
}

function unsteady(hop: ResolvedHop): CaduceusError {
  return new CaduceusError(
    'CAD-SSH-HOST-KEY',
    `${hopAddress(hop)} shows another host key at every connection`,
    'Several machines may answer at this address: use the address of one of them.',
  );
}
