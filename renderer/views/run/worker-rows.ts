/** The table of a run's workers, from its picture. */
import type { RunOpening } from '../../../main/core/api.ts';
import type { DevicePath } from '../../../main/core/device.ts';
import type { Picture, WorkerPicture } from '../../../main/core/live/picture.ts';
import { kept } from '../../../main/core/live/thinned.ts';
import { clock, count, decimal, seconds } from '../../../main/core/display/format.ts';
import type { IconName } from '../../components/icon.tsx';
import type { Tone } from '../../components/status-dot.tsx';
import { absences, rateCells } from './cells.ts';
import { sortedWorkers, type TimeShares, timeShares } from './lane-rows.ts';

const US = 1e6;
const SPARK_CELLS = 40;

export interface WorkerRow {
  name: string;
  state: { tone: Tone; word: string; icon: IconName };
  /** Now; null: lost, or no iteration yet. */
  rate: number | null;
  spark: Float32Array;
  shares: TimeShares | null;
  samples: number | null;
  batch: number | null;
  /** Over the largest of all workers. */
  samplesShare: number;
  batchShare: number;
  /** The newest change of what it was given. */
  change: { grew: boolean; text: string; at: string; reason: string } | null;
  staleness: number | null;
  pushes: number;
  path: { text: string; tone: Tone; reason: string } | null;
  profile: string | null;
}

const HELD: WorkerRow['state'] = { tone: 'neutral', word: 'held', icon: 'pause' };

export function workerRows(
  picture: Picture,
  paths: RunOpening['paths'],
  isOpen: boolean,
  isPaused = false,
): WorkerRow[] {
  const byName = new Map(paths.map(({ worker, path }) => [worker, path]));
  const workers = sortedWorkers(picture);
  const most = { samples: 0, batch: 0 };
  for (const { allocations } of workers) {
    most.samples = Math.max(most.samples, allocations.last?.samples ?? 0);
    most.batch = Math.max(most.batch, allocations.last?.batch ?? 0);
  }
  return workers.map((worker) => {
    const row = rowOf(worker, picture, byName.get(worker.name) ?? null, most, isOpen);
    // What a worker did last is not what it does now.
    return isPaused && worker.now.state !== 'lost' ? { ...row, rate: null, state: HELD } : row;
  });
}

function rowOf(
  worker: WorkerPicture,
  picture: Picture,
  path: DevicePath | null,
  most: { samples: number; batch: number },
  isOpen: boolean,
): WorkerRow {
  const now = picture.atUs / US;
  const held = worker.allocations.last;
  const lost = worker.now.state === 'lost';
  const spark = rateCells(worker, now, { min: 0, max: now }, SPARK_CELLS);
  return {
    name: worker.name,
    state: stateOf(worker, picture, isOpen),
    rate: lost ? null : rateNow(worker, spark, isOpen),
    spark,
    shares: timeShares(worker.sums),
    samples: lost && isOpen ? null : (held?.samples ?? null),
    batch: lost && isOpen ? null : (held?.batch ?? null),
    samplesShare: most.samples === 0 ? 0 : (held?.samples ?? 0) / most.samples,
    batchShare: most.batch === 0 ? 0 : (held?.batch ?? 0) / most.batch,
    change: changeOf(worker),
    staleness: worker.now.staleness,
    pushes: worker.sums.pushes,
    path: path === null ? linkText(worker) : pathText(path),
    profile: profileText(worker),
  };
}

function stateOf({ now, presence }: WorkerPicture, picture: Picture, isOpen: boolean): WorkerRow['state'] {
  if (now.state === 'lost') {
    const since = absences({ presence }, picture.atUs / US).at(-2);
    const word =
      since === undefined
        ? 'lost'
        : isOpen
          ? `lost ${seconds(picture.atUs / US - since)} ago`
          : `lost at ${clock(since)}`;
    return { tone: 'bad', word, icon: 'cross' };
  }
  if (!isOpen) return { tone: 'neutral', word: 'done', icon: 'ring' };
  if (now.state === 'waiting') return { tone: 'warn', word: 'waiting', icon: 'clock' };
  if (now.state === 'training') return { tone: 'good', word: 'training', icon: 'play' };
  return { tone: 'neutral', word: 'joined', icon: 'ring' };
}

/** Of its newest iterations while the run goes on, over its whole time afterwards. */
function rateNow({ sums }: WorkerPicture, spark: Float32Array, isOpen: boolean): number | null {
  if (isOpen) return spark.findLast((value) => !Number.isNaN(value)) ?? null;
  const us = sums.computeUs + sums.heldUs + sums.transferUs;
  return us === 0 ? null : (sums.samples * US) / us;
}

function changeOf({ allocations }: WorkerPicture): WorkerRow['change'] {
  const points = kept(allocations);
  for (let index = points.length - 1; index > 0; index--) {
    const [before, after] = [points[index - 1], points[index]];
    if (before === undefined || after === undefined) continue;
    if (before.samples === after.samples && before.batch === after.batch) continue;
    const what = before.batch === after.batch ? [before.samples, after.samples] : [before.batch, after.batch];
    return {
      grew: after.samples * after.batch >= before.samples * before.batch,
      text: `${before.batch === after.batch ? '' : 'batch '}${count(what[0])} → ${count(what[1])}`,
      at: clock(after.atUs / US),
      reason: after.reason,
    };
  }
  return null;
}

const PATHS: { readonly [K in DevicePath['kind']]: string } = {
  direct: 'direct',
  relay: 'relay',
  lan: 'lan',
  tunnel: 'ssh tunnel',
  loopback: 'loopback',
};

function pathText({ kind, latencyMs, reason }: DevicePath): NonNullable<WorkerRow['path']> {
  const latency = latencyMs === undefined ? '' : ` ${decimal(latencyMs, latencyMs < 10 ? 1 : 0, 0)}\u00a0ms`;
  return { text: `${PATHS[kind]}${latency}`, tone: kind === 'relay' ? 'warn' : 'neutral', reason: reason ?? '' };
}

const LINKS = {
  loopback: 'loopback',
  tailnet: 'tailnet',
  lan: 'lan',
  internet: 'internet',
  tunnel: 'ssh tunnel',
} as const;

/** As the server saw it come, where the inventory knows no more of it. */
function linkText({ now: { link } }: WorkerPicture): WorkerRow['path'] {
  if (link === undefined || link === null) return null;
  return { text: LINKS[link.path], tone: 'neutral', reason: link.tls ? 'with TLS' : '' };
}

function profileText({ now: { profile } }: WorkerPicture): string | null {
  if (profile === null) return null;
  const { engine, cores, architecture, platform, memoryBytes, samplesPerSecond, throttle } = profile;
  const alone =
    samplesPerSecond === undefined ? 'speed alone not measured' : `${decimal(samplesPerSecond)} samples/s alone`;
  return [
    `${engine} on ${platform} ${architecture}`,
    `${count(cores)} ${cores === 1 ? 'core' : 'cores'}`,
    `${decimal(memoryBytes / 2 ** 30, 1, 0)} GiB`,
    alone,
    ...(throttle === undefined ? [] : [throttle]),
  ].join(' · ');
}
