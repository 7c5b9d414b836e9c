/**
 * All that can happen within small bounds: every order of deliveries and every moment of every fault,
 * with the invariants checked in each state. Depth first; a state that was seen
 * before is not gone into again. A run cannot be copied, so a branch is played again from the start.
 */
import { assert, present } from '../assert.ts';
import { checksum } from '../parameters.ts';
import type { TestbedSettings } from '../testbed.ts';
import { BoundedRun, type Bounds, type Onlooker } from './bounded-run.ts';
import { Digest } from './digest.ts';

export interface Scope {
  settings: TestbedSettings;
  bounds: Bounds;
  /** New ones for every run. */
  onlookers?: () => Onlooker[];
}

export interface Explored {
  states: number;
  transitions: number;
  /** States in which nothing more can happen within the bounds; from each, training goes on beyond them. */
  ends: number;
  /** Different ways from the start to an end. */
  schedules: number;
  /** Events on the longest way. */
  longest: number;
  /** Different models at the ends. */
  models: number;
}

/** @throws the first broken rule with the way to it, or when there are more states than `maxStates`. */
export function exploreAll(scope: Scope, maxStates = Infinity): Explored {
  const found: Explored = { states: 0, transitions: 0, ends: 0, schedules: 0, longest: 0, models: 0 };
  const models = new Set<string>();
  /** For every state, the ways from it to an end, and what it looks like. */
  const seen = new Map<string, { ways: number; outline: string }>();
  const path: number[] = [];

  function start(): BoundedRun {
    return new BoundedRun(scope.settings, scope.bounds, scope.onlookers?.() ?? []);
  }

  function playAgain(): BoundedRun {
    const run = start();
    for (const choice of path) run.perform(present(run.actions()[choice], 'the same choice as before'));
    return run;
  }

  /** The run is used up. */
  function visit(run: BoundedRun): number {
    const { key } = run;
    const known = seen.get(key);
    const outline = outlineOf(run);
    if (known !== undefined) {
      assert(known.outline === outline, 'two ways to one state lead to the same state');
      return known.ways;
    }
    run.check();
    found.states += 1;
    found.longest = Math.max(found.longest, path.length);
    if (found.states > maxStates) throw new Error(`more than ${maxStates} states`);
    const count = run.actions().length;
    let sum = 0;
    if (count === 0) {
      found.ends += 1;
      models.add(checksum(run.bed.server.parameters));
      run.goOn();
      sum = 1;
    }
    for (let choice = 0; choice < count; choice++) {
      const next = choice === 0 ? run : playAgain();
      const action = present(next.actions()[choice], 'the same choice as before');
      path.push(choice);
      found.transitions += 1;
      next.perform(action);
      sum += visit(next);
      path.pop();
    }
    seen.set(key, { ways: sum, outline });
    return sum;
  }

  try {
    found.schedules = visit(start());
  } catch (error) {
    throw new Error(`${scope.settings.policy.name}: after ${wayTo(start(), path).join(', ')}`, { cause: error });
  }
  found.models = models.size;
  return found;
}

/** A part of the server's state, taken from its inside: what two states of one key must agree on. */
function outlineOf({ bed: { server } }: BoundedRun): string {
  return new Digest().add(JSON.stringify(server.snapshot().state.policy)).add(checksum(server.parameters)).text;
}

/** The names of what happened on the way, for whoever has to find out why. */
function wayTo(run: BoundedRun, path: readonly number[]): string[] {
  const names: string[] = [];
  for (const choice of path) {
    const action = run.actions()[choice];
    if (action === undefined) break;
    names.push(action.name);
    try {
      run.perform(action);
    } catch {
      break; // the step that broke the rule
    }
  }
  return names;
}
