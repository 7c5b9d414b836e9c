import {
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
} from '@tanstack/react-table';
import { useMemo, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import { Icon } from './icon.tsx';
import './data-table.css';

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** What sorting goes by; unknown sorts last, whichever way. Without it the column does not sort. */
  sortBy?: (row: Row) => number | string | null | undefined;
  numeric?: boolean;
  /** CSS width; the rest is shared out by content. */
  width?: string;
  /** Gives way when the table is narrower than this. */
  needs?: 'little' | 'medium' | 'wide';
}

export interface DataTableProps<Row> {
  /** Said to screen readers. */
  label: string;
  rows: readonly Row[];
  /** Keep it stable: module scope or a memo. */
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  /** What a row is called: the name of its checkbox. */
  rowName: (row: Row) => string;
  /** With both, rows have checkboxes. Shift picks a range. */
  selected?: ReadonlySet<string>;
  onSelect?: (selected: ReadonlySet<string>) => void;
  /** The row whose particulars are shown elsewhere. */
  active?: string | null;
  /** The first column becomes a button that opens the row. */
  onOpen?: (row: Row) => void;
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

/** A table that sorts, selects and opens rows; a real table to screen readers, with arrow keys between its rows. */
export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { label, rows, columns, rowKey, rowName, selected, onSelect, active, onOpen } = props;
  const definitions = useMemo(() => columns.map((column) => definitionOf(column)), [columns]);
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({ features, columns: definitions, data, getRowId: rowKey });
  const shown = table.getRowModel().rows;
  const selects = selected !== undefined && onSelect !== undefined;

  const toggleAll = (): void => {
    onSelect?.(selected?.size === shown.length ? new Set() : new Set(shown.map((row) => row.id)));
  };
  const toggle = (id: string, event: MouseEvent<HTMLInputElement>): void => {
    const next = new Set(selected);
    const on = event.currentTarget.checked;
    const body = event.currentTarget.closest('tbody');
    const anchor = event.shiftKey ? shown.findIndex((row) => row.id === body?.dataset['anchor']) : -1;
    const at = shown.findIndex((row) => row.id === id);
    const range = anchor < 0 ? [at] : span(anchor, at);
    for (const index of range) {
      const row = shown[index];
      if (row !== undefined) next[on ? 'add' : 'delete'](row.id);
    }
    if (body) body.dataset['anchor'] = id;
    onSelect?.(next);
  };

  return (
    <div className="table-scroll">
      <table className="table" aria-label={label}>
        <thead>
          <tr>
            {selects && (
              <th className="table-check" scope="col">
                <input
                  type="checkbox"
                  className="checkbox"
                  aria-label="Select all"
                  checked={selected.size > 0 && selected.size === shown.length}
                  ref={(box) => {
                    if (box) box.indeterminate = selected.size > 0 && selected.size < shown.length;
                  }}
                  onChange={toggleAll}
                />
              </th>
            )}
            {table.getFlatHeaders().map((header) => {
              const column = byId.get(header.column.id);
              const sorted = header.column.getIsSorted();
              return (
                <th
                  key={header.id}
                  scope="col"
                  className={classOf(column)}
                  style={column?.width === undefined ? undefined : { width: column.width }}
                  aria-sort={sorted === false ? undefined : sorted === 'asc' ? 'ascending' : 'descending'}
                >
                  {header.column.getCanSort() ? (
                    <button type="button" className="table-sort" onClick={header.column.getToggleSortingHandler()}>
                      {column?.header}
                      {sorted !== false && <Icon name={sorted === 'asc' ? 'up' : 'down'} size={12} />}
                    </button>
                  ) : (
                    column?.header
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody onKeyDown={moveBetweenRows}>
          {shown.map(({ id, original }) => (
            <tr
              key={id}
              data-active={id === active || undefined}
              data-selected={selected?.has(id) || undefined}
              onClick={onOpen === undefined ? undefined : (event) => opensRow(event) && onOpen(original)}
            >
              {selects && (
                <td className="table-check">
                  <input
                    type="checkbox"
                    className="checkbox"
                    aria-label={`Select ${rowName(original)}`}
                    checked={selected.has(id)}
                    onChange={() => undefined}
                    onClick={(event) => toggle(id, event)}
                  />
                </td>
              )}
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.id} scope="row" className={classOf(column)}>
                    {onOpen === undefined ? (
                      column.cell(original)
                    ) : (
                      <button
                        type="button"
                        className="table-open"
                        aria-pressed={id === active}
                        onClick={() => onOpen(original)}
                      >
                        {column.cell(original)}
                      </button>
                    )}
                  </th>
                ) : (
                  <td key={column.id} className={classOf(column)}>
                    {column.cell(original)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function definitionOf<Row extends object>(column: Column<Row>): ColumnDef<typeof features, Row> {
  const { sortBy } = column;
  if (sortBy === undefined) return { id: column.id, header: column.header };
  return {
    id: column.id,
    header: column.header,
    accessorFn: (row) => sortBy(row) ?? undefined,
    sortUndefined: 'last',
    sortDescFirst: column.numeric ?? false,
    sortFn: (a, b, id) => compare(a.getValue(id), b.getValue(id)),
  };
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

function classOf(column: { numeric?: boolean; needs?: string } | undefined): string | undefined {
  const names = [column?.numeric ? 'number' : '', column?.needs === undefined ? '' : `needs-${column.needs}`];
  return names.filter(Boolean).join(' ') || undefined;
}

function span(from: number, to: number): number[] {
  const first = Math.min(from, to);
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => first + index);
}

/** A click on something that acts by itself is not a click on the row. */
function opensRow(event: MouseEvent): boolean {
  return event.target instanceof Element && event.target.closest('button, a, input, label') === null;
}

function moveBetweenRows(event: KeyboardEvent<HTMLTableSectionElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const from = event.target instanceof Element ? event.target.closest('tr') : null;
  const next = event.key === 'ArrowDown' ? from?.nextElementSibling : from?.previousElementSibling;
  const kind = event.target instanceof HTMLInputElement ? 'input' : 'button';
  const target = next?.querySelector<HTMLElement>(kind);
  if (target) {
    event.preventDefault();
    target.focus();
  }
}
