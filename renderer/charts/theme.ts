/** The colours of the style sheet, for drawings that a style sheet does not reach. */

export interface Theme {
  font: string;
  ground: string;
  text: string;
  muted: string;
  grid: string;
  rule: string;
  crowd: string;
  accent: string;
  bad: string;
  compute: string;
  transfer: string;
  wait: string;
  lost: string;
  series: readonly string[];
}

export const SERIES_COUNT = 8;

function read(): Theme {
  const style = getComputedStyle(document.documentElement);
  // What a custom property holds is given as it was written: both colours.
  const isDark =
    style.colorScheme === 'dark' ||
    (style.colorScheme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  const value = (name: string): string => oneOfTwo(style.getPropertyValue(name).trim(), isDark);
  return {
    font: value('--font'),
    ground: value('--surface'),
    text: value('--text'),
    muted: value('--muted'),
    grid: value('--grid'),
    rule: value('--rule-strong'),
    crowd: value('--crowd'),
    accent: value('--accent'),
    bad: value('--bad'),
    compute: value('--compute'),
    transfer: value('--transfer'),
    wait: value('--wait'),
    lost: value('--lost'),
    series: Array.from({ length: SERIES_COUNT }, (_, index) => value(`--series-${index}`)),
  };
}

/** The colour for light or for dark of `light-dark(#ffffff, #14181d)`; anything else as it is. */
export function oneOfTwo(value: string, isDark: boolean): string {
  const [, light, dark] = /^light-dark\(\s*(.+?)\s*,\s*(.+?)\s*\)$/.exec(value) ?? [];
  return light === undefined || dark === undefined ? value : isDark ? dark : light;
}

let current: Theme | undefined;
const listeners = new Set<() => void>();

function changed(): void {
  current = undefined;
  for (const listener of listeners) listener();
}

function watch(): () => void {
  const root = new MutationObserver(changed);
  root.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class', 'style'] });
  const queries = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'].map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener('change', changed);
  return () => {
    root.disconnect();
    for (const query of queries) query.removeEventListener('change', changed);
  };
}

let stop: (() => void) | undefined;

export function onThemeChange(listener: () => void): () => void {
  if (listeners.size === 0) {
    current = undefined;
    stop = watch();
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) stop?.();
  };
}

/** Read once, until light and dark change places. */
export function theme(): Theme {
  return (current ??= read());
}

/** Red, green, blue of a `#rrggbb` colour, or of a `#rgb` one. */
export function rgbOf(color: string): readonly [number, number, number] {
  const digits = /^#([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(color)?.[1];
  if (digits === undefined) return [128, 128, 128];
  const value = Number.parseInt(digits.length === 6 ? digits : digits.replace(/./g, '$&$&'), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
