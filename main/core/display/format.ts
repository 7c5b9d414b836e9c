/** Numbers as people read them, with their unit. What is not known is a dash, never 0. */

export const UNKNOWN = '–';

/** Holds a number and its unit together. */
const NBSP = '\u00a0';
const LOCALE = 'en-GB';

type Maybe = number | null | undefined;

function known(value: Maybe): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

const collator = new Intl.Collator(LOCALE, { numeric: true });
const formatters = new Map<string, Intl.NumberFormat>();

/** A number with thousands separators, a minus sign that is one, and at most `digits` decimals. */
export function decimal(value: Maybe, digits = 0, leastDigits = digits): string {
  if (!known(value)) return UNKNOWN;
  const key = `${digits}/${leastDigits}`;
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    formatter = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: digits, minimumFractionDigits: leastDigits });
    formatters.set(key, formatter);
  }
  const text = formatter.format(value);
  // What rounds to zero has no sign.
  return /[1-9]/.test(text) ? text.replace('-', '−') : text.replace('-', '');
}

export function count(value: Maybe): string {
  return decimal(value);
}

/** About three digits that matter: `0.0123`, `1.23`, `123`; `8.4e24` where a number has run away. */
export function figure(value: Maybe): string {
  if (!known(value)) return UNKNOWN;
  const magnitude = Math.abs(value);
  if (magnitude === 0) return '0';
  if (magnitude < 0.001 || magnitude >= 1e6) return value.toExponential(1).replaceAll('-', '−').replace('e+', 'e');
  return decimal(value, Math.max(0, 2 - Math.floor(Math.log10(magnitude))), 0);
}

/** @param share 1 is 100 %. */
export function percent(share: Maybe, digits = 1, leastDigits = digits): string {
  return known(share) ? `${decimal(100 * share, digits, leastDigits)}${NBSP}%` : UNKNOWN;
}

/** A share that somebody chose, such as a target: no more digits than it has. */
export function chosenPercent(share: Maybe): string {
  return percent(share, 2, 0);
}

/** Names as people order them: `pi-2` before `pi-10`. */
export function compareNames(left: string, right: string): number {
  return collator.compare(left, right);
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Decimal units: 1 MB is 1,000,000 bytes. Three digits. */
export function bytes(value: Maybe): string {
  return byteText(value, false);
}

/** The same for axes: `20 MB`, not `20.0 MB`. */
export function roundBytes(value: number): string {
  return byteText(value, true);
}

function byteText(value: Maybe, trimmed: boolean): string {
  if (!known(value)) return UNKNOWN;
  let unit = 0;
  let scaled = value;
  while (Math.abs(scaled) >= 999.5 && unit < BYTE_UNITS.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || Math.abs(scaled) >= 100 ? 0 : Math.abs(scaled) >= 10 ? 1 : 2;
  return `${decimal(scaled, digits, trimmed ? 0 : digits)}${NBSP}${BYTE_UNITS[unit] as string}`;
}

/** From milliseconds to days: `0.84 s`, `42.3 s`, `8 min 04 s`, `2 h 05 min`. */
export function seconds(value: Maybe): string {
  if (!known(value)) return UNKNOWN;
  if (value < 9.995) return `${decimal(value, 2)}${NBSP}s`;
  if (value < 99.95) return `${decimal(value, 1)}${NBSP}s`;
  const whole = Math.round(value);
  if (whole < 3600) return `${Math.floor(whole / 60)}${NBSP}min${NBSP}${two(whole % 60)}${NBSP}s`;
  const minutes = Math.round(value / 60);
  return `${decimal(Math.floor(minutes / 60))}${NBSP}h${NBSP}${two(minutes % 60)}${NBSP}min`;
}

/** A moment of training: `0:42.3`, `8:04`, `2:05:10`. */
export function clock(value: Maybe): string {
  if (!known(value)) return UNKNOWN;
  if (value < 600) {
    const tenths = Math.round(value * 10);
    return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, '0')}`;
  }
  const whole = Math.round(value);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export function rate(samplesPerSecond: Maybe): string {
  if (!known(samplesPerSecond)) return UNKNOWN;
  return `${decimal(samplesPerSecond, samplesPerSecond < 100 ? 1 : 0)}${NBSP}samples/s`;
}

/** `1 worker`, `4 workers`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${decimal(value)}${NBSP}${value === 1 ? one : many}`;
}

/** `2026-11-21 14:30:55 UTC` */
export function timestamp(iso: string | null | undefined): string {
  if (!iso) return UNKNOWN;
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)/.exec(iso);
  return match ? `${match[1] as string} ${match[2] as string} UTC` : iso;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
