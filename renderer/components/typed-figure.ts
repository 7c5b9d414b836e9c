/** Figures as people type them: `1500`, `1,500/s`, `25 Mbit/s`, `2.5M`. */

const FACTORS: Readonly<Record<string, number>> = { k: 1e3, K: 1e3, M: 1e6, G: 1e9 };

/** In the unit without a prefix; undefined for what does not begin with a figure above zero. */
export function typedFigure(text: string): number | undefined {
  const [, digits = '', prefix = ''] = /^(\d+(?:\.\d+)?|\.\d+)([kKMG]?)/.exec(text.replace(/[\s,]/g, '')) ?? [];
  const figure = Number(digits) * (FACTORS[prefix] ?? 1);
  return figure > 0 && Number.isFinite(figure) ? figure : undefined;
}
