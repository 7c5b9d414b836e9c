/**
 * The frame of every chart: what it shows and in which unit, a sentence that says it in words, its values as
 * a table, and files of it.
 */
import { type ReactNode, useId, useState } from 'react';
import { Card } from '../components/card.tsx';
import './charts.css';
import { csvOf, type Table } from './csv-file.ts';
import { ValueTable } from './value-table.tsx';
import { downloadText, fileName } from './download.ts';
import { ExportMenu, type Picture } from './export-menu.tsx';

export interface ChartCardProps {
  title: string;
  /** What is drawn, with its unit. */
  note?: ReactNode;
  /** The chart in one sentence, for those who do not see it and for those in a hurry. */
  summary: string;
  legend?: ReactNode;
  controls?: ReactNode;
  /** All values behind the drawing; asked for only when somebody wants them. */
  table: () => Table;
  /** How a canvas draws itself for a file; absent: the drawing is taken from the page. */
  picture?: Picture;
  /** Beginning of the files' names. */
  about: string;
  /** Instead of the chart, while there is nothing to draw. */
  empty?: string | undefined;
  children: ReactNode;
}

export function ChartCard(props: ChartCardProps) {
  const { title, note, summary, legend, controls, table, picture, about, empty, children } = props;
  const [asTable, setAsTable] = useState(false);
  const body = useId();
  const name = fileName(about, title);
  const isDrawn = !asTable && empty === undefined;
  return (
    <div className="chart-card">
      <Card
        title={title}
        actions={
          <>
            {controls}
            <ExportMenu
              title={title}
              name={name}
              body={body}
              {...(picture && { picture })}
              hasPicture={isDrawn}
              onCsv={() => downloadText(`${name}.csv`, 'text/csv', csvOf(table()))}
              asTable={asTable}
              onTable={() => setAsTable(!asTable)}
            />
          </>
        }
      >
        {note !== undefined && <p className="chart-note">{note}</p>}
        {legend !== undefined && isDrawn && <div className="chart-legend">{legend}</div>}
        <div id={body}>
          {asTable ? (
            <ValueTable caption={title} table={table()} />
          ) : isDrawn ? (
            children
          ) : (
            <p className="chart-empty">{empty}</p>
          )}
        </div>
        {empty === undefined && <p className="chart-summary">{summary}</p>}
      </Card>
    </div>
  );
}
