/** What can happen next in the testbed, and who chooses. */
import type { WorkerId } from '../policy/policy.ts';
import { below, type PrngState } from '../prng.ts';

/** One connection, until the server has seen its end and nothing of it is on its way. */
export interface Connection {
  readonly worker: WorkerId;
  /** As the server's welcome said. */
  incarnation: number;
  up: Uint8Array[];
  down: Uint8Array[];
  /** The server wants to send the newest model when there is room. */
  modelWanted: boolean;
  /** False once the worker's end is gone. */
  open: boolean;
  /** True once the server has been told, or has closed it itself. */
  noticed: boolean;
}

/** Something that can happen next. */
export interface Action {
  name: string;
  perform(): void;
}

/** Picks which of `count` possible actions happens next, if need be by what they are. */
export type Choice = (count: number, actions: readonly Action[]) => number;

/** Choices from a seed; every action is as likely as any other. */
export function atRandom(chance: PrngState): Choice {
  return (count) => below(chance, count);
}

/** Always the oldest possibility: connections in the order in which they were made. */
export const inTurn: Choice = () => 0;
