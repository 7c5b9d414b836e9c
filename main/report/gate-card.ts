/** The gate of each worker: its z-score against the threshold, iteration by iteration, and what was pushed. */
import { lineChart } from './charts/line-chart.ts';
import { countAxis, niceAxis } from '../core/display/axis.ts';
import { downsample, type Point } from '../core/display/downsample.ts';
import { decimal, plural } from '../core/display/format.ts';
import { markup, type Markup, type Part } from './markup.ts';
import { card, legend } from './parts.ts';
import type { ChartRequest } from './run-charts.ts';
import { type GateSeries, gateSeries } from './series.ts';

const MAX_WORKERS = 8;
const HEIGHT_PX = 84;

/** Null for policies without such a gate. */
export function gateCard({ id, story }: ChartRequest): Markup | null {
  const gates = gateSeries(story);
  if (gates.length === 0) return null;
  const busiest = gates.toSorted((left, right) => right.pushed.length - left.pushed.length).slice(0, MAX_WORKERS);
  const shown = gates.filter((gate) => busiest.includes(gate));
  const [low, high] = range(shown);
  return card({
    title: 'The gate',
    sub: `z-score of the newest test loss against the threshold, by local iteration; at or below it a worker pushes, and when it has been silent for too long${gates.length > shown.length ? ` (the ${shown.length} of ${gates.length} workers that pushed most)` : ''}`,
    wide: true,
    body: [
      legend([
        { fill: 'line-swatch s0', shape: 'thin', text: 'z-score' },
        { fill: 'line-swatch s1', shape: 'thin', text: 'threshold' },
        { fill: 'push', shape: 'triangle', text: 'pushed' },
      ]),
      markup`<div class="small">${shown.map((gate, index) => smallChart(`${id}-gate${index}`, gate, low, high))}</div>`,
    ],
  });
}

function smallChart(id: string, { worker, z, threshold, pushed, forced }: GateSeries, low: number, high: number): Part {
  const clocks = [...z, ...threshold].map(([x]) => x);
  const first = clocks.reduce((least, clock) => Math.min(least, clock), Infinity);
  const last = clocks.reduce((most, clock) => Math.max(most, clock), 0);
  const count = `${plural(pushed.length, 'push', 'pushes')}${forced === 0 ? '' : `, ${forced} after silence`}`;
  return markup`<div><span class="name">${worker} <span class="muted">${count}</span></span>${lineChart({
    id,
    title: `Gate of ${worker}`,
    description: `${plural(z.length, 'z-score')}, ${plural(pushed.length, 'push', 'pushes')}.`,
    heightPx: HEIGHT_PX,
    x: countAxis(Math.min(first, last), last, 4),
    y: niceAxis(low, high, 3, (value) => decimal(value, 1, 0)),
    series: [
      { label: 'threshold', points: threshold, style: 1, shape: 'step', labelled: false },
      { label: 'z-score', points: downsample(z), style: 0, shape: 'line', labelled: false },
    ],
    pins: downsample(
      pushed.map(({ x, z: score }): Point => [x, score]),
      150,
    ).map(([x, y]) => ({ x, y: y ?? 0 })),
  })}</div>`;
}

function range(gates: readonly GateSeries[]): [number, number] {
  const values = gates.flatMap(({ z, threshold }) => [...z, ...threshold]).map(([, y]) => y ?? 0);
  return values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [-1.5, 0.5]);
}
