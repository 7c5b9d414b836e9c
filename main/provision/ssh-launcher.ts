/**
 * Worker agents on a deployed device. The agent is supervised there: a lost SSH connection does not end it, and
 * this end finds it again. A device that was started anew gets its agent again, with the same ticket.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DevicePath, DeviceSettings } from '../core/device.ts';
import { CaduceusError, reportError } from '../core/errors.ts';
import type { JoinTicket, Throttle } from '../core/protocol/join-ticket.ts';
import type { Installation } from './deployment/deployment.ts';
import {
  type AgentEnd,
  runDirectory,
  startAgent,
  stopAgents,
  watchAgent,
  type AgentWatch,
} from './deployment/remote-agent.ts';
import { Tunnel } from './deployment/tunnel.ts';
import type { AgentExit, Launched, Launcher, LaunchSpec } from './launcher.ts';
import type { ConnectionLease, Connector } from './ssh/connector.ts';
import { NOBODY } from './ssh/dialogue.ts';

export interface SshLauncherParts {
  device: DeviceSettings;
  installation: Installation;
  /** As the deployment found it; `tunnel`: the agent's connection comes through the SSH connection. */
  path?: DevicePath;
  connector: Connector;
  /** Tells this controller from others that use the same device. */
  owner: string;
}

const MAX_LOG_LINES = 200;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** Starts of the device, or of its supervisor, that a run goes along with. */
const MAX_REVIVALS = 10;
/** For a device that is out of reach when the run is over: its agent ends by itself. */
const STOP_MS = 15_000;

export class SshLauncher implements Launcher {
  readonly #parts: SshLauncherParts;

  constructor(parts: SshLauncherParts) {
    this.#parts = parts;
  }

  async launch(spec: LaunchSpec): Promise<Launched> {
    const agent = new DeviceAgent(this.#parts, spec);
    await agent.start();
    return agent;
  }
}

class DeviceAgent implements Launched {
  readonly worker: string;
  readonly throttle: string | undefined;
  readonly path?: DevicePath;
  readonly exited: Promise<AgentExit>;
  pid = 0;
  readonly #parts: SshLauncherParts;
  readonly #spec: LaunchSpec;
  readonly #throttle: Throttle | undefined;
  readonly #tunnel: Tunnel | undefined;
  readonly #lines: string[] = [];
  /** Nothing of the agent's log has been seen yet. */
  #isNewLog = true;
  #lease: ConnectionLease | undefined;
  #watch: AgentWatch | undefined;
  #settle!: (exit: AgentExit) => void;
  #stopping: Promise<void> | undefined;
  readonly #stopped = new AbortController();

  constructor(parts: SshLauncherParts, spec: LaunchSpec) {
    this.#parts = parts;
    this.#spec = spec;
    this.worker = spec.ticket.worker;
    this.#throttle = throttleOf(spec.speed, parts.device.caps.cpuPercent);
    this.throttle = this.#throttle?.description;
    if (parts.path) this.path = parts.path;
    if (parts.path?.kind === 'tunnel' && spec.loopback) this.#tunnel = new Tunnel(spec.loopback);
    this.exited = new Promise((resolve) => (this.#settle = resolve));
  }

  /** @throws CAD-WORKER-START, CAD-DEVICE-TAMPERED, CAD-TUNNEL, CAD-SSH-…; what its signal says when the run ended */
  async start(): Promise<void> {
    const { signal } = this.#spec;
    const takeBack = (): void => this.#stopped.abort();
    signal?.addEventListener('abort', takeBack, { once: true });
    try {
      signal?.throwIfAborted();
      await this.#connect();
      await this.#startAgent();
      signal?.throwIfAborted();
    } catch (error) {
      // It may run already, although nobody has heard of it.
      if (signal?.aborted === true && this.#lease) await this.stop();
      await this.#disconnect();
      signal?.throwIfAborted();
      throw named(error, this.worker);
    } finally {
      signal?.removeEventListener('abort', takeBack);
    }
    void this.#follow();
  }

  lastLines(): readonly string[] {
    return [...this.#lines];
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  get #name(): string {
    return runDirectory(this.#spec.ticket.run, this.worker);
  }

  async #connect(): Promise<void> {
    const { connector, device } = this.#parts;
    this.#lease = await connector.connect(device, { dialogue: NOBODY, signal: this.#stopped.signal });
    await this.#tunnel?.open(this.#lease.remote);
  }

  async #startAgent(): Promise<void> {
    const { installation, owner, device } = this.#parts;
    const { memoryMiB } = device.caps;
    const start = {
      ...{ run: this.#spec.ticket.run, worker: this.worker, owner },
      ticket: JSON.stringify(this.#ticket()),
      ...(memoryMiB !== undefined && { memoryMiB }),
    };
    const { pid, supervision } = await startAgent(this.#remote, installation, start, this.#stopped.signal);
    this.pid = pid;
    this.#isNewLog = true;
    this.#keep(`launcher: ${supervision}`);
  }

  /** Through a tunnel the agent sees the server on its own loopback, where TLS has nobody to keep out. */
  #ticket(): JoinTicket {
    const throttle = this.#throttle && { throttle: this.#throttle };
    if (!this.#tunnel) return { ...this.#spec.ticket, ...throttle };
    const { certificate: _, ...ticket } = this.#spec.ticket;
    return { ...ticket, ...throttle, url: `ws://127.0.0.1:${this.#tunnel.port}/` };
  }

  get #remote(): ConnectionLease['remote'] {
    if (!this.#lease) throw new Error('not connected');
    return this.#lease.remote;
  }

  /** Until the agent has ended for good or was told to; through as many connections as that takes. */
  async #follow(): Promise<void> {
    let revivals = 0;
    let failures = 0;
    while (!this.#stopped.signal.aborted) {
      try {
        if (!this.#lease?.remote.isOpen) {
          await this.#disconnect();
          await this.#connect();
        }
        const end = await this.#watchOnce();
        if (end === undefined) throw new Error('the connection to the device was lost');
        failures = 0;
        if (end.code !== -1 || this.#stopped.signal.aborted || revivals >= MAX_REVIVALS) {
          await this.#over(end);
          return;
        }
        revivals += 1;
        this.#keep(`launcher: ${end.why}; the agent is started again`);
        await this.#startAgent();
      } catch (error) {
        if (this.#stopped.signal.aborted) return;
        this.#keep(`launcher: ${reportError(error).message}`);
        const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
        failures += 1;
        await sleep(pauseMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
      }
    }
  }

  async #watchOnce(): Promise<AgentEnd | undefined> {
    const { directory } = this.#parts.installation;
    const lines = this.#isNewLog ? MAX_LOG_LINES : 0;
    this.#isNewLog = false;
    this.#watch = await watchAgent(this.#remote, directory, this.#name, lines, (line) => this.#keep(line));
    return this.#watch.whenOver;
  }

  async #over(end: AgentEnd): Promise<void> {
    await this.#disconnect();
    this.#settle(exitOf(end));
  }

  async #stop(): Promise<void> {
    this.#stopped.abort();
    const { connector, device, installation } = this.#parts;
    const signal = AbortSignal.timeout(STOP_MS);
    try {
      if (!this.#lease?.remote.isOpen) {
        await this.#disconnect();
        this.#lease = await connector.connect(device, { dialogue: NOBODY, signal });
      }
      await stopAgents(this.#remote, installation.directory, this.#name);
    } catch (error) {
      // It gives up by itself when it no longer finds the server.
      this.#keep(`launcher: the agent could not be told to stop: ${reportError(error).message}`);
    }
    this.#watch?.stop();
    await this.#over({ code: 143, why: 'stopped' });
  }

  async #disconnect(): Promise<void> {
    await this.#tunnel?.close();
    const lease = this.#lease;
    this.#lease = undefined;
    await lease?.release();
  }

  #keep(line: string): void {
    this.#lines.push(line);
    this.#lines.splice(0, this.#lines.length - MAX_LOG_LINES);
  }
}

/** What the run wants and what the device allows, the smaller of both. */
function throttleOf(speed: number | undefined, cpuPercent: number | undefined): Throttle | undefined {
  const share = Math.min(speed ?? 1, (cpuPercent ?? 100) / 100);
  if (share >= 1) return undefined;
  return { kind: 'duty-cycle', speed: share, description: `duty cycle ${Math.round(share * 100)} %` };
}

function exitOf({ code }: AgentEnd): AgentExit {
  const signals: Readonly<Record<number, NodeJS.Signals>> = { 137: 'SIGKILL', 143: 'SIGTERM' };
  const signal = signals[code] ?? null;
  return { code: signal === null && code >= 0 ? code : null, signal };
}

function named(error: unknown, worker: string): CaduceusError {
  const { code, message, remedy } = reportError(error);
  return new CaduceusError(code, `worker ${worker} did not start: ${message}`, remedy, error);
}
