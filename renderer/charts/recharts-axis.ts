/** An axis of ours in the words of the chart library. */
import { useState } from 'react';
import type { Axis } from '../../main/core/display/axis.ts';

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

/**
 * The same object for as long as the axis says the same: the library measures and lays out an axis anew for every other
 * object, which is most of what a chart costs whose lines have only grown.
 */
export function useRechartsAxis(axis: Axis): ReturnType<typeof rechartsAxis> {
  const [kept, keep] = useState(() => ({ axis, said: rechartsAxis(axis) }));
  if (kept.axis === axis || isSame(kept.axis, axis)) return kept.said;
  const next = { axis, said: rechartsAxis(axis) };
  keep(next);
  return next.said;
}

function isSame(one: Axis, other: Axis): boolean {
  return (
    one.min === other.min &&
    one.max === other.max &&
    one.ticks.length === other.ticks.length &&
    one.ticks.every(({ value, text }, index) => value === other.ticks[index]?.value && text === other.ticks[index].text)
  );
}
