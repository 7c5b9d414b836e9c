/**
 * JSON knows neither what is not finite nor the sign of nought. What processes tell each other is JSON all the
 * same: a desktop shell and the Node beside it have two builds of V8, and the newer one's own format is not read by
 * the older. So the numbers that JSON lacks are spelt, and all others stay as they are.
 */

const SPELLED = '\u0000number';

/** The same value, or a copy in which such numbers are spelt. Plain objects, arrays and primitives only. */
export function spelled(value: unknown): unknown {
  if (typeof value === 'number') {
    if (Number.isFinite(value) && !Object.is(value, -0)) return value;
    return { [SPELLED]: Object.is(value, -0) ? '-0' : String(value) };
  }
  return changed(value, spelled);
}

export function unspelled(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && SPELLED in value) return Number(value[SPELLED]);
  return changed(value, unspelled);
}

/** Copies only what has something in it that is changed. */
function changed(value: unknown, change: (part: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    for (let index = 0; index < value.length; index++) {
      const part: unknown = value[index];
      const other = change(part);
      if (!Object.is(other, part)) (copy ??= [...(value as unknown[])])[index] = other;
    }
    return copy ?? value;
  }
  let copy: Record<string, unknown> | undefined;
  for (const [key, part] of Object.entries(value)) {
    const other = change(part);
    if (!Object.is(other, part)) (copy ??= { ...value })[key] = other;
  }
  return copy ?? value;
}
