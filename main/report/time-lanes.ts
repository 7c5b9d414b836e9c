/** Where each worker's time went, as lanes for a chart of bounded size. */
import type { Lane, Span } from './charts/lanes.ts';
import { absencesOf, byWorker, runSeconds } from './series.ts';
import type { RecordOf, RunStory } from './story.ts';

/** Marks that all lanes together may have. */
const MAX_MARKS = 4000;
const MAX_CELLS = 240;
/** More spans than this in a lane are narrower than an eye can tell apart. */
const MAX_SPANS = 300;
/** Triangles closer than this many to a lane say nothing: a policy that pushes always needs none. */
const MAX_PUSHES_SHOWN = 40;

export function timeLanes(story: RunStory, names: readonly string[]): Lane[] {
  const iterations = byWorker(story.iterations);
  const absences = absencesOf(story);
  const marksPerLane = Math.floor(MAX_MARKS / Math.max(1, names.length));
  const showsPushes = names.every((name) => pushTimes(iterations.get(name) ?? []).length <= MAX_PUSHES_SHOWN);
  return names.map((name) => {
    const records = iterations.get(name) ?? [];
    const end = runSeconds(story);
    const compute = mergeSpans(records.map(computeSpan), end / 2000);
    const wait = mergeSpans(records.map(waitSpan), end / 2000);
    return {
      name,
      time:
        compute.length + wait.length <= Math.min(MAX_SPANS, marksPerLane)
          ? { kind: 'spans' as const, compute, wait }
          : {
              kind: 'shares' as const,
              cells: cellsOf(records, end, Math.min(MAX_CELLS, Math.floor(marksPerLane / 2))),
            },
      absent: absences.get(name) ?? [],
      pushes: showsPushes ? pushTimes(records) : [],
    };
  });
}

function pushTimes(records: readonly RecordOf<'iteration'>[]): number[] {
  return records.filter(({ pushed }) => pushed).map(({ atMs }) => atMs / 1000);
}

/** An iteration's record comes when it ends: before that it computed, and before that it waited. */
function computeSpan({ atMs, iteration }: RecordOf<'iteration'>): Span {
  return { from: Math.max(0, atMs - iteration.computeMs) / 1000, to: atMs / 1000 };
}

function waitSpan({ atMs, iteration }: RecordOf<'iteration'>): Span {
  const to = atMs - iteration.computeMs;
  return { from: Math.max(0, to - iteration.waitMs) / 1000, to: Math.max(0, to) / 1000 };
}

/** Spans with less than `gap` seconds between them become one; those that take no time go. */
function mergeSpans(spans: readonly Span[], gap: number): Span[] {
  const merged: Span[] = [];
  for (const span of spans) {
    if (span.to <= span.from) continue;
    const last = merged.at(-1);
    if (last !== undefined && span.from - last.to <= gap) last.to = Math.max(last.to, span.to);
    else merged.push({ ...span });
  }
  return merged;
}

/** Shares of computing and waiting in equal cells of time. */
function cellsOf(
  records: readonly RecordOf<'iteration'>[],
  end: number,
  count: number,
): (Span & { compute: number; wait: number })[] {
  const width = end / Math.max(1, count);
  const cells = Array.from({ length: Math.max(1, count) }, (_, index) => ({
    from: index * width,
    to: (index + 1) * width,
    compute: 0,
    wait: 0,
  }));
  const add = ({ from, to }: Span, kind: 'compute' | 'wait'): void => {
    for (let index = Math.floor(from / width); index < cells.length && index * width < to; index++) {
      const cell = cells[index];
      if (cell === undefined) continue;
      cell[kind] += Math.max(0, Math.min(to, cell.to) - Math.max(from, cell.from)) / width;
    }
  };
  for (const record of records) {
    add(computeSpan(record), 'compute');
    add(waitSpan(record), 'wait');
  }
  for (const cell of cells) {
    // Clocks of two machines: shares may add up to a little more than the whole.
    const whole = Math.max(1, cell.compute + cell.wait);
    cell.compute /= whole;
    cell.wait /= whole;
  }
  return cells;
}
