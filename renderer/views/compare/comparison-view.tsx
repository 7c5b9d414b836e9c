/** Rows side by side: the table first, then their curves, then what their bytes bought. */
import { useState } from 'react';
import { Moment, MomentContext } from '../../charts/moment.ts';
import { type ShownRow, usualBaseline } from './compared-rows.ts';
import { ComparisonTable } from './comparison-table.tsx';
import { CurvesChart } from './curves-chart.tsx';
import { ParetoChart } from './pareto-chart.tsx';
import './compare.css';

export interface ComparisonViewProps {
  rows: readonly ShownRow[];
  target: number | null;
  about: string;
  open?: (row: ShownRow) => void;
}

export function ComparisonView({ rows, target, about, open }: ComparisonViewProps) {
  const [moment] = useState(() => new Moment());
  const [baseline, setBaseline] = useState<string | null>(null);
  const against = rows.some(({ policy }) => policy === baseline) ? baseline : usualBaseline(rows);
  return (
    <MomentContext value={moment}>
      <div className="comparison">
        <ComparisonTable
          rows={rows}
          target={target}
          baseline={against}
          onBaseline={setBaseline}
          {...(open && { open })}
        />
        <div className="comparison-charts">
          <CurvesChart rows={rows} target={target} about={about} />
          <ParetoChart rows={rows} about={about} />
        </div>
      </div>
    </MomentContext>
  );
}
