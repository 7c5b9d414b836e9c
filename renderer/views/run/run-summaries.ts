/** Every chart of a run in one sentence, made from the values that it draws. */
import type { Picture } from '../../../main/core/live/picture.ts';
import type { Point } from '../../../main/core/display/downsample.ts';
import {
  bytes,
  chosenPercent,
  count,
  decimal,
  figure,
  percent,
  plural,
  rate,
  seconds,
} from '../../../main/core/display/format.ts';
import { absences } from './cells.ts';
import { sortedWorkers, timeShares } from './lane-rows.ts';
import { savedText, sentBytes, validations } from './run-figures.ts';
import type { AllocationChange, WorkerLine } from './run-lines.ts';

const US = 1e6;

export function modelSummary(picture: Picture, target: number | null): string {
  const judged = validations(picture).filter(({ accuracy }) => accuracy !== null);
  const [first, last] = [judged[0], judged.at(-1)];
  if (first === undefined || last === undefined) return 'The model has not been judged yet.';
  if (judged.length === 1) {
    const still = picture.sums.applied === 0 ? '; the first push will change the model' : '';
    return `Accuracy is ${percent(last.accuracy)}, judged once, ${seconds(last.atUs / US)} into the run${still}.`;
  }
  const reached = target === null ? undefined : judged.find(({ accuracy }) => (accuracy ?? 0) >= target);
  const goal =
    target === null
      ? ''
      : reached === undefined
        ? `; the target of ${chosenPercent(target)} is not reached`
        : `; the target of ${chosenPercent(target)} was reached after ${seconds(reached.atUs / US)}`;
  const loss = last.loss === null ? 'no finite number' : figure(last.loss);
  return `Accuracy went from ${percent(first.accuracy)} to ${percent(last.accuracy)} in ${seconds(last.atUs / US)}, loss is ${loss}${goal}.`;
}

export function lanesSummary(picture: Picture): string {
  const known = picture.workers.flatMap((worker) => {
    const shares = timeShares(worker.sums);
    return shares === null ? [] : [{ name: worker.name, idle: shares.wait + shares.transfer }];
  });
  const most = known.toSorted((left, right) => right.idle - left.idle)[0];
  const least = known.toSorted((left, right) => left.idle - right.idle)[0];
  if (most === undefined || least === undefined) return 'No local iteration has ended yet.';
  const lost = picture.workers.filter((worker) => absences(worker, picture.atUs / US).length > 0);
  const gone =
    lost.length === 0
      ? ''
      : `; ${plural(lost.length, 'worker')} ${lost.length === 1 ? 'was' : 'were'} lost at some time`;
  if (known.length === 1) return `${most.name} did not compute for ${percent(most.idle)} of its time${gone}.`;
  return `${most.name} idled most, ${percent(most.idle)} of its time, ${least.name} least, ${percent(least.idle)}${gone}.`;
}

export function rateSummary(picture: Picture): string {
  const rates = sortedWorkers(picture).flatMap(({ name, sums }) => {
    const us = sums.computeUs + sums.heldUs + sums.transferUs;
    return us === 0 ? [] : [{ name, value: (sums.samples * US) / us }];
  });
  const fastest = rates.toSorted((left, right) => right.value - left.value)[0];
  const slowest = rates.toSorted((left, right) => left.value - right.value)[0];
  if (fastest === undefined || slowest === undefined) return 'No local iteration has ended yet.';
  if (rates.length === 1) return `${fastest.name} processed ${rate(fastest.value)} over its whole time.`;
  const times = slowest.value > 0 ? `, ${decimal(fastest.value / slowest.value, 1)} times as much as` : ', ahead of';
  return `Over its whole time ${fastest.name} was fastest with ${rate(fastest.value)}${times} ${slowest.name} with ${rate(slowest.value)}.`;
}

export function allocationSummary(
  lines: readonly WorkerLine[],
  changes: readonly AllocationChange[],
  what: string,
): string {
  const held = lines.flatMap(({ worker, points }) => {
    const value = lastValue(points);
    return value === null ? [] : [{ worker, value }];
  });
  const most = held.toSorted((left, right) => right.value - left.value)[0];
  const least = held.toSorted((left, right) => left.value - right.value)[0];
  if (most === undefined || least === undefined) return 'Nothing has been allocated yet.';
  const newest = changes.at(-1);
  const last =
    newest === undefined
      ? 'Nothing was changed'
      : `${plural(changes.length, 'change')}, the last at ${seconds(newest.seconds)}`;
  if (most.value === least.value) return `Every worker has ${count(most.value)} ${what}. ${last}.`;
  return `${most.worker} has most, ${count(most.value)} ${what}, ${least.worker} least, ${count(least.value)}. ${last}.`;
}

function lastValue(points: readonly Point[]): number | null {
  return points.findLast(([, value]) => value !== null)?.[1] ?? null;
}

export function trafficSummary({ traffic: { last } }: Picture): string {
  if (last === null) return 'No traffic has been counted yet.';
  const { data } = last.traffic;
  const rows = data === 0 ? '' : ` Training rows took ${bytes(data)} more, the same under any policy.`;
  return `${bytes(sentBytes(last))} sent: ${savedText(last)}.${rows}`;
}

export function gateSummary(picture: Picture): string {
  const scored = picture.workers.reduce((sum, { gate }) => sum + gate.count, 0);
  const pushed = picture.workers.reduce((sum, { gatePushes }) => sum + gatePushes.count, 0);
  if (scored === 0) return 'The gate has not decided anything yet.';
  return `${count(pushed)} of ${plural(scored, 'local iteration')} (${percent(pushed / scored)}) were pushed.`;
}

export function stalenessSummary({ sums, workers }: Picture): string {
  if (sums.applied === 0) return 'No push has been applied yet.';
  const most = workers.reduce((least, { maxStaleness }) => Math.max(least, maxStaleness), 0);
  const dropped = sums.dropped === 0 ? 'none was dropped' : `${plural(sums.dropped, 'push', 'pushes')} dropped`;
  return `Applied pushes were ${decimal(sums.stalenessSum / sums.applied, 2)} versions behind on average, ${count(most)} at most; ${dropped}.`;
}
