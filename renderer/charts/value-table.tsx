/** The values behind a chart, as a table. */
import type { Cell, Table } from './csv-file.ts';

/** More rows are in the CSV file. */
const MAX_ROWS = 200;

export function ValueTable({ caption, table }: { caption: string; table: Table }) {
  const { columns, rows } = table;
  const shown = rows.length > MAX_ROWS ? rows.slice(-MAX_ROWS) : rows;
  return (
    <div className="value-table" tabIndex={0} role="region" aria-label={`${caption}: values`}>
      <table>
        <caption>
          {rows.length > shown.length
            ? `The newest ${shown.length} of ${rows.length.toLocaleString('en-GB')} rows; the CSV file has all of them.`
            : `${rows.length} rows`}
        </caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={columns[column]} className={typeof cell === 'number' ? 'number' : undefined}>
                  {cellText(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cellText(cell: Cell): string {
  if (cell === null) return '–';
  if (typeof cell === 'string') return cell;
  if (!Number.isFinite(cell)) return '–';
  return cell.toLocaleString('en-GB', { maximumFractionDigits: 4 }).replace('-', '−');
}
