/** The tables of one run: workers, changes of allocation, incidents. */
import type { DeviceProfile } from '../core/cost.ts';
import { DEVICE_COLUMNS, DEVICES_NOTE, devicesOf } from './devices.ts';
import type { RunFigures } from './figures.ts';
import { bytes, clock, count, decimal, percent, plural, UNKNOWN } from '../core/display/format.ts';
import { markup, type Markup, type Part } from './markup.ts';
import { card, emptyCard, table } from './parts.ts';
import type { RecordOf, RunStory } from './story.ts';

/** Longer logs go to the CSV files; a report is read. */
const MAX_ROWS = 60;

export function workersCard(story: RunStory, { workers }: RunFigures): Markup {
  const title = 'Workers';
  if (workers.length === 0) return emptyCard(title, 'No worker joined this run.');
  const newest = new Map(story.allocations.map(({ worker, assignment }) => [worker, assignment]));
  const rows = workers.map((worker): Part[] => {
    const assignment = newest.get(worker.name);
    return [
      markup`${worker.name}${worker.lost && markup` <span class="bad state">✕ lost</span>`}<br><span class="muted">${engineText(worker.profile)}</span>`,
      count(worker.samples),
      decimal(worker.samplesPerSecond, 0),
      count(worker.iterations),
      count(worker.pushes),
      percent(worker.waitShare),
      decimal(worker.staleness, 1),
      count(assignment?.samples),
      count(assignment?.batch),
      bytes(worker.bytes?.model),
      bytes(worker.bytes?.update),
      bytes(worker.bytes?.data),
      bytes(worker.bytes?.control),
    ];
  });
  return card({
    title,
    sub: 'samples/s over computing and waiting; staleness: versions behind, mean of applied pushes; rows and batch: last given',
    wide: true,
    long: true,
    body: table(
      [
        { head: 'worker, engine, held back by', kind: 'text' },
        { head: 'samples', kind: 'number' },
        { head: 'samples/s', kind: 'number' },
        { head: 'iterations', kind: 'number' },
        { head: 'pushes', kind: 'number' },
        { head: 'waiting', kind: 'number' },
        { head: 'staleness', kind: 'number' },
        { head: 'rows', kind: 'number' },
        { head: 'batch', kind: 'number' },
        { head: 'models\u00a0↓', kind: 'number' },
        { head: 'updates\u00a0↑', kind: 'number' },
        { head: 'training rows', kind: 'number' },
        { head: 'control', kind: 'number' },
      ],
      rows,
    ),
  });
}

function engineText({ engine, throttle }: DeviceProfile): string {
  return throttle === undefined ? engine : `${engine}, ${throttle}`;
}

export function devicesCard(story: RunStory): Markup {
  const devices = devicesOf(story);
  if (devices.length === 0) return emptyCard('Devices', 'No device joined this run.');
  return card({
    title: 'Devices',
    sub: DEVICES_NOTE,
    wide: true,
    long: true,
    body: limited(
      DEVICE_COLUMNS.map(({ head, kind }) => ({ head, kind })),
      devices.map((device) => DEVICE_COLUMNS.map(({ of }) => of(device))),
      false,
    ),
  });
}

export function allocationCard({ allocations }: RunStory): Markup {
  const title = 'Changes of allocation';
  if (allocations.length === 0) return emptyCard(title, 'No allocation was recorded.');
  const before = new Map<string, RecordOf<'allocation'>['assignment']>();
  const rows = allocations.map(({ atMs, worker, assignment, reason }): Part[] => {
    const old = before.get(worker);
    before.set(worker, assignment);
    return [
      clock(atMs / 1000),
      worker,
      change(old?.samples, assignment.samples),
      change(old?.batch, assignment.batch),
      count(assignment.epochs),
      reason,
    ];
  });
  return card({
    title,
    sub: `${plural(rows.length, 'order')} to workers: rows of a local iteration, mini-batch, passes, and why`,
    wide: true,
    long: true,
    body: limited(
      [
        { head: 'at', kind: 'number' },
        { head: 'worker', kind: 'text' },
        { head: 'rows', kind: 'number' },
        { head: 'batch', kind: 'number' },
        { head: 'passes', kind: 'number' },
        { head: 'reason', kind: 'text' },
      ],
      rows,
    ),
  });
}

function change(before: number | undefined, after: number): Part {
  if (before === undefined || before === after) return count(after);
  return markup`${count(before)} → <b>${count(after)}</b> ${after > before ? '↑' : '↓'}`;
}

export function incidentsCard({ incidents }: RunStory): Markup {
  const title = 'Incidents';
  if (incidents.length === 0) return emptyCard(title, 'Nothing happened that is worth a line.');
  const levels = {
    info: markup`<span class="muted">● info</span>`,
    warning: markup`<span class="warn">▲ warning</span>`,
    error: markup`<span class="bad">✕ error</span>`,
  };
  return card({
    title,
    sub: 'minutes and seconds of training',
    wide: true,
    long: true,
    body: limited(
      [
        { head: 'at', kind: 'number' },
        { head: '', kind: 'word' },
        { head: 'what', kind: 'word' },
        { head: 'worker', kind: 'text' },
        { head: '', kind: 'text' },
      ],
      incidents.map(({ atMs, level, what, worker, text }) => [
        clock(atMs / 1000),
        levels[level],
        what.replace('-', ' '),
        worker ?? UNKNOWN,
        text,
      ]),
    ),
  });
}

/** The first and the last rows of a long log, and how many are left out between. */
function limited(columns: Parameters<typeof table>[0], rows: readonly (readonly Part[])[], isLog = true): Part {
  if (rows.length <= MAX_ROWS) return table(columns, rows, isLog);
  const half = MAX_ROWS / 2;
  const left = rows.length - MAX_ROWS;
  return [
    table(columns, [...rows.slice(0, half), [markup`<span class="muted">…</span>`], ...rows.slice(-half)], isLog),
    markup`<p class="muted">${plural(left, 'row')} left out in the middle; the CSV report has all.</p>`,
  ];
}
