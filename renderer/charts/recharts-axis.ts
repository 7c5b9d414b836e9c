/** An axis of ours in the words of the chart library. */
import type { Axis } from '../../main/report/charts/scale.ts';

export function rechartsAxis({ min, max, ticks }: Axis) {
  const texts = new Map(ticks.map(({ value, text }) => [value, text]));
  return {
    type: 'number' as const,
    domain: [min, max] as [number, number],
    ticks: ticks.map(({ value }) => value),
    tickFormatter: (value: number) => texts.get(value) ?? '',
    allowDataOverflow: true,
    interval: 0 as const,
    tick: { fill: 'var(--muted)', fontSize: 11 },
    tickLine: false,
    axisLine: { stroke: 'var(--rule-strong)' },
  };
}
