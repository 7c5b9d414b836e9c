/**
 * Any policy with an allocation of the user's choice: who pushes and who waits is the policy's, how many rows a
 * worker gets the allocation's.
 *
 * Rule: of the policy's assignments the passes, periods and clocks stand. `uniform`: everyone gets the same rows
 *   and mini-batch. `proportional`: mini-batches in proportion to speed with their sum kept, by OmniLearn's controller and
 *   its defaults, and rows in the same proportion, so that steps stay. `dual-binary-search`: whoever is an outlier by
 *   Hermes' rule gets the rows that its search finds for the median time; the mini-batch goes with them where an
 *   iteration is a single one, and is searched for as well only in Hermes.
 * Units: rows.
 * Source: OmniLearn (TPDS 2025) and Hermes (HiPC 2024) for the rules; that they are independent of the rest is ours.
 * Differs: a policy that has the named allocation itself is left as it is. Of one that has another, each worker's first
 *   assignment is what the allocation starts from, and what it would change later is not done.
 * Limits: a policy that changes everybody's rows, as AdaComm does, changes times that the allocation has measured
 *   before; it learns of that with each worker's next iteration.
 */
import type { DeviceProfile } from '../cost.ts';
import {
  addWorker as addToSizing,
  HERMES_SIZING_OPTIONS,
  removeWorker as removeFromSizing,
  resize,
  type SizingState,
  startSizing,
} from './hermes-sizing.ts';
import {
  addWorker as addToController,
  CONTROLLER_OPTIONS,
  type ControllerState,
  removeWorker as removeFromController,
  startController,
  takeTime,
} from './omnilearn-controller.ts';
import { resolveOptions } from './options.ts';
import type {
  Assignment,
  IterationSummary,
  Policy,
  PolicyCommand,
  PolicyEvent,
  PolicySetup,
  WorkerId,
} from './policy.ts';

/** `policy`: as the policy has it. */
export const ALLOCATIONS = ['policy', 'uniform', 'proportional', 'dual-binary-search'] as const;
export type Allocation = (typeof ALLOCATIONS)[number];

/** A worker's rows as a multiple of what the policy gives, and its mini-batch where that is not to follow. */
interface Share {
  factor: number;
  batch: number | null;
}

interface AllocatedState {
  inner: unknown;
  batch: number;
  trainRows: number;
  rowBytes: number;
  controller: ControllerState | null;
  /** Started with the first assignment, whose rows are its unit. */
  sizing: SizingState | null;
  memoryBytes: Record<WorkerId, number>;
  /** What the policy gives each worker, as far as it counts. */
  given: Record<WorkerId, Assignment>;
  shares: Record<WorkerId, Share>;
}

type Assign = PolicyCommand & { type: 'assign' };

/** What the sizing takes an assignment of the policy for: Hermes' own at the start, whatever its rows. */
const SIZED = { samples: HERMES_SIZING_OPTIONS.samples.default, batch: 16, epochs: 1 };

export function withAllocation(policy: Policy, allocation: Allocation = 'policy'): Policy {
  if (allocation === 'policy' || allocation === policy.allocates) return policy;
  return {
    ...policy,
    start: (setup): AllocatedState => ({
      inner: policy.start(setup),
      batch: setup.batch,
      trainRows: setup.trainRows,
      rowBytes: setup.rowBytes,
      controller: allocation === 'proportional' ? newController(policy.name, setup) : null,
      sizing: null,
      memoryBytes: {},
      given: {},
      shares: {},
    }),
    step(opaque, event) {
      const state = opaque as AllocatedState;
      const moved = react(state, event);
      const commands = policy.step(state.inner, event).flatMap((command): PolicyCommand[] => {
        if (command.type !== 'assign') return [command];
        return given(state, command, policy.allocates !== undefined, allocation);
      });
      // Before what lets workers go on, so that they go on with it.
      return [...moved, ...commands];
    },
  };
}

function newController(policy: string, setup: PolicySetup): ControllerState {
  return startController(policy, resolveOptions(policy, CONTROLLER_OPTIONS, {}), setup);
}

/** Takes in what happened; new assignments of workers that are under way. */
function react(state: AllocatedState, event: PolicyEvent): PolicyCommand[] {
  switch (event.type) {
    case 'joined':
      return joined(state, event.worker, event.profile);
    case 'left': {
      const { worker } = event;
      for (const table of [state.given, state.shares, state.memoryBytes]) Reflect.deleteProperty(table, worker);
      if (state.sizing) removeFromSizing(state.sizing, worker);
      return state.controller ? shared(state, removeFromController(state.controller, worker)) : [];
    }
    case 'pushed':
    case 'reported':
    case 'flagged': {
      const { worker, iteration } = event;
      if (state.controller) return shared(state, takeTime(state.controller, worker, iteration));
      return state.sizing ? shared(state, sized(state, state.sizing, worker, iteration)) : [];
    }
    default:
      return [];
  }
}

function joined(state: AllocatedState, worker: WorkerId, { memoryBytes }: DeviceProfile): PolicyCommand[] {
  state.memoryBytes[worker] = memoryBytes;
  Reflect.deleteProperty(state.given, worker);
  state.shares[worker] = { factor: 1, batch: state.batch };
  if (state.controller) return shared(state, addToController(state.controller, worker));
  if (state.sizing) shared(state, [addToSizing(state.sizing, worker, memoryBytes)]);
  return [];
}

/** The allocation's word as shares, and as assignments of those whose work is known. */
function shared(state: AllocatedState, commands: readonly PolicyCommand[]): PolicyCommand[] {
  return commands.flatMap((command): PolicyCommand[] => {
    if (command.type !== 'assign') return [];
    const { worker, assignment, reason } = command;
    const { samples, batch } = assignment;
    state.shares[worker] = state.sizing
      ? { factor: samples / SIZED.samples, batch: null }
      : { factor: samples / state.batch, batch };
    const known = state.given[worker];
    return known ? [{ type: 'assign', worker, assignment: portion(state, worker, known), reason }] : [];
  });
}

/** The policy's word: what the worker gets of it. */
function given(state: AllocatedState, command: Assign, isOwn: boolean, allocation: Allocation): PolicyCommand[] {
  const { worker, assignment, reason } = command;
  const isFirst = state.given[worker] === undefined;
  if (isOwn && !isFirst) return [];
  state.given[worker] = assignment;
  if (allocation === 'dual-binary-search' && isFirst) size(state, worker, assignment);
  return [{ type: 'assign', worker, assignment: portion(state, worker, assignment), reason }];
}

/** The worker takes part in the sizing, which begins with the first. */
function size(state: AllocatedState, worker: WorkerId, { samples }: Assignment): void {
  if (state.sizing === null) {
    // In the sizing's rows, of which there are `scale` to each of the policy's.
    const scale = SIZED.samples / samples;
    const held = { trainRows: Math.floor(state.trainRows * scale), rowBytes: state.rowBytes / scale };
    const options = resolveOptions('hermes', HERMES_SIZING_OPTIONS, { epochs: SIZED.epochs });
    state.sizing = { ...startSizing(options, { batch: SIZED.batch, ...held }), batches: [SIZED.batch] };
  }
  if (state.sizing.workers[worker]) return;
  shared(state, [addToSizing(state.sizing, worker, state.memoryBytes[worker] ?? Infinity)]);
}

/** Takes a time in, unless it is of work that was given before the newest. */
function sized(
  state: AllocatedState,
  sizing: SizingState,
  worker: WorkerId,
  iteration: IterationSummary,
): PolicyCommand[] {
  const [whole, entry] = [state.given[worker], sizing.workers[worker]];
  if (whole === undefined || entry === undefined || iteration.steps === 0) return [];
  const { samples, epochs } = portion(state, worker, whole);
  if (iteration.samples !== samples * epochs) return [];
  const { assignment } = entry;
  return resize(sizing, worker, {
    ...iteration,
    batch: assignment.batch,
    steps: assignment.samples / assignment.batch,
  });
}

function portion({ shares, trainRows }: AllocatedState, worker: WorkerId, whole: Assignment): Assignment {
  const { factor, batch } = shares[worker] ?? { factor: 1, batch: null };
  const samples = Math.max(1, Math.min(trainRows, Math.round(whole.samples * factor)));
  const isOneStep = whole.samples <= whole.batch;
  return { ...whole, samples, batch: batch ?? (isOneStep ? samples : whole.batch) };
}
