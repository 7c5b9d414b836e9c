/** How worker agents come to run somewhere: on this machine, or on a device over SSH. */
import type { DevicePath } from '../core/device.ts';
import type { JoinTicket } from '../core/protocol/join-ticket.ts';

export interface LaunchSpec {
  /**
   * Its `url` (with the `certificate` to expect there, if it is `wss:`) is the way without a tunnel. The
   * throttle is the launcher's business.
   */
  ticket: Omit<JoinTicket, 'throttle'>;
  /** Share of one core that the worker may use, 0 … 1; absent: as much as it gets. */
  speed?: number;
  /**
   * The server's plain listener on the loopback of this machine, where a tunnel may end. A launcher whose
   * device cannot reach the ticket's `url` forwards a port on the device's own loopback to here, and
   * gives the agent a ticket for that: `ws://127.0.0.1:PORT/`, without a certificate.
   */
  loopback?: { host: string; port: number };
  /** The run ends: whatever is being started for it is taken back, and the launch fails. */
  signal?: AbortSignal;
}

export interface AgentExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A running agent that has accepted its ticket. */
export interface Launched {
  readonly worker: string;
  readonly pid: number;
  /** How it is held back, in words; absent when it is not. */
  readonly throttle: string | undefined;
  /** How its connection gets to the server, where the launcher knows more than the address tells. */
  readonly path?: DevicePath;
  readonly exited: Promise<AgentExit>;
  /** The newest lines of its log, oldest first. */
  lastLines(): readonly string[];
  /** Asks it to end, then ends it; resolves when it has. Asked again, waits for the same end. */
  stop(): Promise<void>;
}

export interface Launcher {
  /** @throws CAD-WORKER-START with the last lines of the agent's log. */
  launch(spec: LaunchSpec): Promise<Launched>;
}
