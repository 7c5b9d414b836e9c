/** Which workers get a line of their own, and which style: the same in every chart of a report. */
import { STYLE_COUNT, type SeriesStyle } from './charts/series-style.ts';
import type { WorkerFigures } from './figures.ts';

/** With more workers than this only some are named; the rest show as a crowd. */
const MOST_NAMED = STYLE_COUNT;

export interface NamedWorkers {
  styleOf(worker: string): SeriesStyle;
  /** Says who is named, where not all are; empty otherwise. */
  note: string;
}

export function nameWorkers(workers: readonly WorkerFigures[]): NamedWorkers {
  const chosen = workers.length <= MOST_NAMED ? workers.map(({ name }) => name) : telling(workers);
  const styles = new Map(chosen.map((name, index) => [name, index]));
  return {
    styleOf: (worker) => styles.get(worker) ?? null,
    note: workers.length <= MOST_NAMED ? '' : 'named: the two fastest, the middle, the two slowest, and up to two lost',
  };
}

function telling(workers: readonly WorkerFigures[]): string[] {
  const ranked = [...workers].sort((left, right) => (right.samplesPerSecond ?? 0) - (left.samplesPerSecond ?? 0));
  const lost = ranked.filter((worker) => worker.lost).slice(0, 2);
  const going = ranked.filter((worker) => !worker.lost);
  const last = going.length - 1;
  const picked = [0, 1, Math.floor(last / 2), last - 1, last].map((index) => going[index]);
  return [...new Set([...picked, ...lost].flatMap((worker) => (worker === undefined ? [] : [worker.name])))];
}
