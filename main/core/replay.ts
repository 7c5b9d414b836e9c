/**
 * A run's decisions once more, from its log alone. A policy is a function of its setup and of the
 * events it was told, so the same events must lead to the same commands; where they do not, the log
 * or the policy has changed.
 *
 * The log of a resumed run needs nothing special: what came after the checkpoint is taken back when
 * the run is resumed, and the loss of every worker then stands in it as a `left` event.
 */
import { isObject } from './protocol/shape.ts';
import type { Policy, PolicyCommand, PolicyEvent, PolicySetup } from './policy/policy.ts';

export interface Decision {
  event: PolicyEvent;
  commands: readonly PolicyCommand[];
}

export interface Replay {
  /** Decisions that came out the same, the ones after a difference included. */
  matched: number;
  /** Index of the first that did not; absent when all did. */
  firstDifference?: number;
}

/** One decision after the other, for whoever has other things to do in between. */
export class Replayer {
  readonly replay: Replay = { matched: 0 };
  readonly #policy: Policy;
  readonly #state: ReturnType<Policy['start']>;
  #index = 0;

  constructor(policy: Policy, setup: PolicySetup) {
    this.#policy = policy;
    this.#state = policy.start(structuredClone(setup));
  }

  repeat({ event, commands }: Decision): void {
    if (isSame(this.#policy.step(this.#state, structuredClone(event)), commands)) this.replay.matched += 1;
    else this.replay.firstDifference ??= this.#index;
    this.#index += 1;
  }
}

export function replayDecisions(policy: Policy, setup: PolicySetup, decisions: Iterable<Decision>): Replay {
  const replayer = new Replayer(policy, setup);
  for (const decision of decisions) replayer.repeat(decision);
  return replayer.replay;
}

/** As JSON would compare them: fields without a value are absent, and −0 is 0. */
function isSame(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => isSame(item, right[index]));
  }
  if (isObject(left) && isObject(right)) {
    const names = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...names].every((name) => isSame(left[name], right[name]));
  }
  return left === right || (Number.isNaN(left) && Number.isNaN(right));
}
