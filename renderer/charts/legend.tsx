/** What is drawn how, with the values of the moment that is pointed at, or the newest. */
import { memo, type ReactNode } from 'react';
import { useSeconds } from './moment.ts';
import { colorOf, dashOf } from './series-style.ts';

export type Swatch =
  | { kind: 'line'; style: number | null; dash?: boolean }
  | { kind: 'fill'; color: string }
  | { kind: 'outline'; color: string }
  | { kind: 'triangle' | 'diamond' | 'cross' | 'dot'; color: string };

export interface LegendItem {
  key: string;
  name: string;
  /** Absent: a value beside what is drawn. */
  swatch?: Swatch;
  /** The value at a moment (null: newest), with its unit. */
  at?: (seconds: number | null) => string;
}

export const Legend = memo(function Legend({
  items,
  children,
}: {
  items: readonly LegendItem[];
  children?: ReactNode;
}) {
  return (
    <ul className="legend">
      {items.map(({ key, name, swatch, at }) => (
        <li key={key}>
          {swatch !== undefined && <SwatchDrawing swatch={swatch} />}
          {name}
          {at !== undefined && <Value at={at} />}
        </li>
      ))}
      {children}
    </ul>
  );
});

function Value({ at }: { at: (seconds: number | null) => string }) {
  return <b className="legend-value">{at(useSeconds())}</b>;
}

function SwatchDrawing({ swatch }: { swatch: Swatch }) {
  return (
    <svg width={18} height={10} viewBox="0 0 18 10" aria-hidden>
      {drawn(swatch)}
    </svg>
  );
}

function drawn(swatch: Swatch): ReactNode {
  switch (swatch.kind) {
    case 'line': {
      const { style, dash = true } = swatch;
      const stroke = style === null ? 'var(--crowd)' : colorOf(style);
      const dashes = style === null || !dash ? undefined : dashOf(style).join(' ');
      return <path d="M0,5H18" stroke={stroke} strokeWidth={2} strokeDasharray={dashes} />;
    }
    case 'fill':
      return <rect x={3} y={0} width={12} height={10} rx={1.5} fill={swatch.color} />;
    case 'outline':
      return (
        <rect x={3.5} y={0.5} width={11} height={9} rx={1.5} fill="none" stroke={swatch.color} strokeDasharray="3 2" />
      );
    case 'triangle':
      return <path d="M9,1L13,9H5Z" fill={swatch.color} />;
    case 'diamond':
      return <path d="M9,0.5L13.5,5L9,9.5L4.5,5Z" fill={swatch.color} />;
    case 'cross':
      return <path d="M5,1L13,9M13,1L5,9" stroke={swatch.color} strokeWidth={1.6} />;
    case 'dot':
      return <rect x={7.5} y={3.5} width={3} height={3} fill={swatch.color} />;
  }
}
