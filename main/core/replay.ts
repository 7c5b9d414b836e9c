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

export function replayDecisions(policy: Policy, setup: PolicySetup, decisions: Iterable<Decision>): Replay {
  const state = policy.start(structuredClone(setup));
  const replay: Replay = { matched: 0 };
  let index = 0;
  for (const { event, commands } of decisions) {
    if (isSame(policy.step(state, structuredClone(event)), commands)) replay.matched += 1;
    else replay.firstDifference ??= index;
    index += 1;
  }
  return replay;
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
