/**
 * OmniLearn's HL routine on a live bed: quotas that change while workers train. A level is how unequal
 * devices are, most cores over fewest; the routine goes through the levels and back, over and over.
 */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaduceusError } from '../../main/core/errors.ts';
import { loadCluster } from '../../main/sim/cluster-file.ts';
import { planBed } from './plan.ts';
import type { Testbed } from './testbed.ts';

export const ROUTINE = 'omnilearn-dynamic';
export const LEVELS = [1, 2, 4, 8];

/** Cores by device, in the bed's order. */
type Shares = readonly number[];

export interface SpeedChange {
  atSeconds: number;
  shares: Shares;
}

export interface SpeedSchedule {
  preset: string;
  changes: SpeedChange[];
  /** Then it begins again; once only when left out. */
  repeatEverySeconds?: number;
}

/** The cores of one heterogeneity level, shared among the bed's devices; the fourth device of four is the fast one. */
export function sharesOfLevel(testbed: Testbed, level: number): Shares {
  if (!LEVELS.includes(level)) throw usage(`--level ${level} is not one of ${LEVELS.join(', ')}`);
  return baseShares(testbed, `omnilearn-hl${level}`);
}

/** The schedule of a cluster, for the bed's devices by their place in it. */
export function speedSchedule(testbed: Testbed, preset: string = ROUTINE): SpeedSchedule {
  const { devices, schedule, repeatEverySeconds } = loadCluster(preset);
  if (schedule.length === 0) throw usage(`the cluster ${preset} has no schedule of speeds`);
  const base = baseShares(testbed, preset);
  const speeds = devices.map(() => 1);
  const changes = schedule.map((change) => {
    for (const [index, { name }] of devices.entries()) speeds[index] = change.speeds[name] ?? speeds[index] ?? 1;
    const shares = base.map((share, index) => capped(share * (speeds[index % devices.length] ?? 1)));
    return { atSeconds: change.atSeconds, shares };
  });
  return { preset, changes, ...(repeatEverySeconds !== undefined && { repeatEverySeconds }) };
}

export interface PlayOptions {
  /** 2: twice as fast. */
  tempo?: number;
  /** Times through the schedule; endless when left out. */
  cycles?: number;
  signal?: AbortSignal;
  onChange?: (change: SpeedChange, cycle: number) => void;
}

/** Plays a schedule until it is over or aborted, then gives the devices their planned shares back. */
export async function playSchedule(
  testbed: Testbed,
  schedule: SpeedSchedule,
  options: PlayOptions = {},
): Promise<void> {
  const { tempo = 1, signal } = options;
  const cycles = schedule.repeatEverySeconds === undefined ? 1 : (options.cycles ?? Infinity);
  const startMs = performance.now();
  const until = async (seconds: number): Promise<void> => {
    const leftMs = startMs + (seconds * 1000) / tempo - performance.now();
    if (leftMs > 0) await sleep(leftMs, undefined, signal && { signal });
  };
  try {
    for (let cycle = 0; cycle < cycles; cycle++) {
      const offset = cycle * (schedule.repeatEverySeconds ?? 0);
      for (const change of schedule.changes) {
        await until(offset + change.atSeconds);
        applyShares(testbed, change.shares);
        options.onChange?.(change, cycle);
      }
      await until(offset + (schedule.repeatEverySeconds ?? 0));
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  } finally {
    applyShares(
      testbed,
      testbed.devices.map(({ plan }) => plan.cpuShare),
    );
  }
}

export function applyShares(testbed: Testbed, shares: Shares): void {
  for (const [index, device] of testbed.devices.entries()) device.setCpuShare(shares[index] ?? device.plan.cpuShare);
}

function baseShares({ state, devices }: Testbed, preset: string): Shares {
  const plan = planBed({ preset, devices: devices.length, cores: state.plan.cores }, state.slot);
  return plan.devices.map(({ cpuShare }) => cpuShare);
}

function capped(share: number): number {
  return Math.min(share, availableParallelism());
}

function usage(message: string): CaduceusError {
  return new CaduceusError('CAD-USAGE', message, 'See npm run testbed -- --help.');
}
