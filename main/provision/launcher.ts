/** How worker agents come to run somewhere: on this machine, later over SSH. */
import type { JoinTicket } from '../core/protocol/join-ticket.ts';

export interface LaunchSpec {
  /** The throttle is the launcher's business. */
  ticket: Omit<JoinTicket, 'throttle'>;
  /** Share of one core that the worker may use, 0 … 1; absent: as much as it gets. */
  speed?: number;
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
