/** Between a value and what stands in its control while somebody types. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A field's value as it stands in its control. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : '';
}

/** A number where the text is one, the text where it is not, nothing where there is none. */
export function numberOrText(text: string): number | string | undefined {
  const plain = text.trim().replace('−', '-');
  if (plain === '') return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : text;
}
