/** A race while it is run: how far it is, who has ended, and the curves of those that have. */
import { useMemo } from 'react';
import type { ContenderRun } from '../../../main/core/api.ts';
import { shareAxis, timeAxis } from '../../../main/core/display/axis.ts';
import type { Point } from '../../../main/core/display/downsample.ts';
import { chosenPercent, percent, plural, seconds } from '../../../main/core/display/format.ts';
import { ChartCard } from '../../charts/chart-card.tsx';
import { Legend } from '../../charts/legend.tsx';
import { LinePlot } from '../../charts/line-plot.tsx';
import { SMALL_INSETS } from '../../charts/plot-area.ts';
import { MAX_LINES } from '../../charts/series-style.ts';
import { Card } from '../../components/card.tsx';
import { Progress } from '../../components/progress.tsx';
import { useJob } from '../../state/jobs.ts';
import { cancelRace, type Race } from './race-store.ts';

const HEIGHT = 240;

export function RaceProgress({ race }: { race: Race }) {
  const { runs, contenders, target } = race;
  // Until the first simulation has ended only the job tells how many there are.
  const job = useJob(race.job);
  const told = job?.progress ? { what: job.stage ?? 'runs', ...job.progress } : null;
  const progress = race.progress ?? told;
  const byRow = useMemo(() => Map.groupBy(runs, ({ policy }) => policy), [runs]);
  const styles = new Map(contenders.map((name, index) => [name, index < MAX_LINES ? index : null]));
  const farthest = runs.reduce((most, run) => Math.max(most, run.points.at(-1)?.seconds ?? 0), 0);
  const summary = `${plural(runs.length, 'simulation')} ended so far.`;
  return (
    <>
      <Card title="Racing" note="each policy on the same cluster, model, data and seeds">
        <Progress
          label={progress === null ? 'Preparing' : `Simulating: ${progress.what}`}
          value={progress === null || progress.of === 0 ? null : progress.done / progress.of}
          note={progress === null ? undefined : `${progress.done} of ${progress.of}`}
          onCancel={() => void cancelRace()}
        />
        <ul className="race-rows">
          {contenders.map((name) => (
            <RaceRow key={name} name={name} runs={byRow.get(name) ?? []} target={target} />
          ))}
        </ul>
      </Card>
      <ChartCard
        title="Accuracy so far"
        note="on validation rows, against simulated time; a line for every simulation that has ended"
        summary={summary}
        about="race"
        legend={
          <Legend
            items={contenders
              .filter((name) => byRow.has(name))
              .map((name) => ({ key: name, name, swatch: { kind: 'line', style: styles.get(name) ?? null } }))}
          />
        }
        table={() => ({
          columns: ['policy', 'seed', 'seconds', 'accuracy'],
          rows: runs.flatMap(({ policy, seed, points }) =>
            points.map((point) => [policy, seed, point.seconds, point.accuracy] as const),
          ),
        })}
        empty={runs.length === 0 ? 'The first simulation has not ended yet.' : undefined}
      >
        <LinePlot
          height={HEIGHT}
          insets={SMALL_INSETS}
          x={timeAxis(farthest, 7)}
          left={shareAxis(0, 1)}
          reference={target === null ? undefined : { value: target, label: `target ${chosenPercent(target)}` }}
          lines={runs.map((run) => ({
            key: `${run.policy}/${run.seed}`,
            points: run.points.map((point): Point => [point.seconds, point.accuracy]),
            style: styles.get(run.policy) ?? null,
            step: true,
          }))}
          label={`Accuracy of the simulations that have ended. ${summary}`}
        />
      </ChartCard>
    </>
  );
}

function RaceRow({ name, runs, target }: { name: string; runs: readonly ContenderRun[]; target: number | null }) {
  const best = runs.reduce<number | null>(
    (least, { secondsToTarget }) => (secondsToTarget === null ? least : Math.min(least ?? Infinity, secondsToTarget)),
    null,
  );
  const accuracy = runs.at(-1)?.accuracy ?? null;
  return (
    <li data-ended={runs.length > 0 || undefined}>
      <span>{name}</span>
      <span className="muted" title={best === null ? undefined : 'Of its seeds that have ended, the fastest'}>
        {runs.length === 0
          ? 'waiting'
          : target !== null && best !== null
            ? `${plural(runs.length, 'seed')}, ${seconds(best)} to target`
            : `${plural(runs.length, 'seed')}, ${target === null ? percent(accuracy) : `target not reached (${percent(accuracy)})`}`}
      </span>
    </li>
  );
}
