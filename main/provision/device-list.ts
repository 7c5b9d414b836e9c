/** Lists of devices as people keep them: JSON, or CSV with a header. Told by the content; a mistake is named by its line. */
import { type DeviceInput, type DeviceSettings, deviceInputSchema } from '../core/device.ts';
import { CaduceusError } from '../core/errors.ts';
import { oneLine } from '../core/plain-text.ts';

const MAX_LIST_CHARACTERS = 1_000_000;
const MAX_LIST_DEVICES = 1000;
const COLUMNS = [
  'name',
  'address',
  'port',
  'user',
  'keyFile',
  'jump',
  'workDirectory',
  'tags',
  'cpuPercent',
  'memoryMiB',
];

/** With the place where each stands, for messages about it. @throws CAD-DEVICE-INVALID */
export function parseDeviceList(text: string): { where: string; input: unknown }[] {
  if (text.length > MAX_LIST_CHARACTERS) throw invalid(`the list is longer than ${MAX_LIST_CHARACTERS} characters`);
  const content = text.replace(/^\ufeff/, '');
  const entries = /^\s*[[{]/.test(content) ? fromJson(content) : fromCsv(content);
  if (entries.length === 0) throw invalid('the list has no devices');
  if (entries.length > MAX_LIST_DEVICES) throw invalid(`the list has more than ${MAX_LIST_DEVICES} devices`);
  return entries;
}

/** @throws CAD-DEVICE-INVALID naming the place and the field. */
export function parseDevice(input: unknown, where?: string): DeviceSettings {
  const parsed = deviceInputSchema.safeParse(normalized(input));
  if (parsed.success) return { ...parsed.data, source: parsed.data.source };
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  const words = issue === undefined ? 'is not understood' : `${field === '' ? '' : `${field}: `}${issue.message}`;
  throw invalid(where === undefined ? words : `${where}: ${words}`);
}

/** Names in one form of writing, so that two that look alike are alike. */
function normalized(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const name: unknown = 'name' in input ? input.name : undefined;
  return typeof name === 'string' ? { ...input, name: name.normalize('NFKC').trim() } : input;
}

function fromJson(text: string): { where: string; input: unknown }[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(`${jsonPlace(text, error as Error)}the list is not JSON: ${oneLine((error as Error).message, 120)}`);
  }
  const list = typeof value === 'object' && value !== null && 'devices' in value ? value.devices : value;
  if (!Array.isArray(list)) throw invalid('the JSON is neither an array of devices nor an object with "devices"');
  const lines = entryLines(text);
  return (list as unknown[]).map((entry, index) => ({
    where: lines.length === list.length ? `line ${lines[index]}` : `entry ${index + 1}`,
    input: typeof entry === 'string' ? { address: entry, source: 'list' } : withSource(entry),
  }));
}

function withSource(entry: unknown): unknown {
  return typeof entry === 'object' && entry !== null && !('source' in entry) ? { ...entry, source: 'list' } : entry;
}

function jsonPlace(text: string, error: Error): string {
  const position = /position (\d+)/.exec(error.message)?.[1];
  return position === undefined ? '' : `line ${text.slice(0, Number(position)).split('\n').length}: `;
}

/** The lines on which the elements of the list begin: those of the outermost array that holds values. */
function entryLines(text: string): number[] {
  const lines: number[] = [];
  const outer = text.trimStart().startsWith('{') ? 2 : 1;
  let depth = 0;
  let line = 1;
  let expectsEntry = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '\n') line++;
    if (/\s/.test(character)) continue;
    if (expectsEntry && depth === outer && character !== ']') lines.push(line);
    expectsEntry = false;
    if (character === '"') at = endOfString(text, at);
    else if (character === '[' || character === '{') {
      depth++;
      expectsEntry = character === '[' && depth === outer;
    } else if (character === ']' || character === '}') depth--;
    else if (character === ',') expectsEntry = depth === outer;
  }
  return lines;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

function fromCsv(text: string): { where: string; input: unknown }[] {
  const [header, ...rows] = csvRows(text);
  const columns = (header?.cells ?? []).map((cell) => cell.trim());
  const unknown = columns.find((column) => !COLUMNS.includes(column));
  if (unknown !== undefined || !columns.includes('address')) {
    const what = unknown === undefined ? 'has no column "address"' : `has an unknown column "${oneLine(unknown, 40)}"`;
    throw invalid(`line ${header?.line ?? 1}: the header ${what}; columns are ${COLUMNS.join(', ')}`);
  }
  return rows.map(({ cells, line }) => {
    if (cells.length > columns.length) throw invalid(`line ${line}: more cells than columns`);
    return { where: `line ${line}`, input: deviceOf(columns, cells) };
  });
}

function deviceOf(columns: readonly string[], cells: readonly string[]): DeviceInput & Record<string, unknown> {
  const device: Record<string, unknown> = { source: 'list' };
  const caps: Record<string, number> = {};
  columns.forEach((column, index) => {
    const cell = (cells[index] ?? '').trim();
    if (cell === '') return;
    if (column === 'cpuPercent' || column === 'memoryMiB') caps[column] = Number(cell);
    else if (column === 'port') device[column] = Number(cell);
    else if (column === 'jump' || column === 'tags')
      device[column] = cell.split(/[;\s]+/).filter((word) => word !== '');
    else device[column] = cell;
  });
  return { ...device, caps } as DeviceInput & Record<string, unknown>;
}

/** RFC 4180, with empty lines and `#` comments left out. @throws CAD-DEVICE-INVALID */
function csvRows(text: string): { cells: string[]; line: number }[] {
  const rows: { cells: string[]; line: number }[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const startLine = line;
    const cells: string[] = [];
    for (;;) {
      let cell = '';
      if (text[at] === '"') {
        for (at++; ; at++) {
          if (at >= text.length) throw invalid(`line ${startLine}: a quoted cell does not end`);
          if (text[at] === '\n') line++;
          if (text[at] !== '"') cell += text[at];
          else if (text[at + 1] === '"') {
            cell += '"';
            at++;
          } else break;
        }
        at++;
      }
      while (at < text.length && text[at] !== ',' && text[at] !== '\n') cell += text[at++];
      cells.push(cell.replace(/\r$/, ''));
      if (text[at] !== ',') break;
      at++;
    }
    at++;
    line++;
    const isEmpty = cells.length === 1 && (cells[0] ?? '').trim() === '';
    if (!isEmpty && !cells[0]?.startsWith('#')) rows.push({ cells, line: startLine });
  }
  return rows;
}

function invalid(message: string): CaduceusError {
  return new CaduceusError(
    'CAD-DEVICE-INVALID',
    message,
    'Correct it and try again; nothing was added. A device needs an address; `caduceus devices --help` shows the rest.',
  );
}
