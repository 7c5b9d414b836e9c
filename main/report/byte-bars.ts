/** Bytes of workers or of runs, by what they carried. */
import type { Traffic } from '../core/accounting.ts';
import { bytesAxis } from '../core/display/axis.ts';
import { stackedBars } from './charts/stacked-bars.ts';
import { bytes } from '../core/display/format.ts';
import type { Markup } from './markup.ts';
import { card, emptyCard, legend } from './parts.ts';

const MAX_ROWS = 64;

/** In the order of the bars, with the words of the legend. The names are classes of the style sheet. */
const CATEGORIES: readonly (readonly [keyof Traffic, string])[] = [
  ['update', 'updates ↑'],
  ['model', 'models ↓'],
  ['control', 'control'],
  ['data', 'training rows'],
];

export interface ByteBars {
  id: string;
  title: string;
  sub: string;
  /** Traffic is null where it is not known; such rows are left out. */
  rows: readonly { name: string; traffic: Traffic | null }[];
}

export function byteBars({ id, title, sub, rows }: ByteBars): Markup {
  const known = rows.flatMap(({ name, traffic }) => (traffic === null ? [] : [{ name, traffic }])).slice(0, MAX_ROWS);
  if (known.length === 0) return emptyCard(title, 'Not known: it is counted up when a run ends.');
  return card({
    title,
    sub,
    body: [
      legend(CATEGORIES.map(([category, text]) => ({ fill: category, text }))),
      stackedBars({
        id,
        title,
        description: known.map(({ name, traffic }) => `${name}: ${bytes(total(traffic))}`).join('; '),
        axis: bytesAxis(Math.max(...known.map(({ traffic }) => total(traffic))), 4),
        rows: known.map(({ name, traffic }) => ({
          name,
          text: bytes(total(traffic)),
          parts: CATEGORIES.map(([category, text]) => ({
            value: traffic[category],
            fill: category,
            label: `${text} ${bytes(traffic[category])}`,
          })),
        })),
      }),
    ],
  });
}

function total(traffic: Traffic): number {
  return CATEGORIES.reduce((sum, [category]) => sum + traffic[category], 0);
}
