/**
 * JSON that gives back what went in. Plain JSON turns NaN and infinities into null; a replayed
 * decision that saw a NaN loss must see it again. Such a number is written `{"$number":"NaN"}`.
 */
export function toExactJson(value: unknown): string {
  const plain = JSON.stringify(value);
  // A number that JSON cannot hold leaves a null behind: without any, the fast way was exact.
  return plain.includes('null') ? JSON.stringify(value, spellNumber) : plain;
}

/** @throws SyntaxError when the text is not JSON. */
export function fromExactJson(text: string): unknown {
  return text.includes('"$number"') ? JSON.parse(text, readNumber) : JSON.parse(text);
}

function spellNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value;
}

function readNumber(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$number' in value)) return value;
  switch (value.$number) {
    case 'NaN':
      return NaN;
    case 'Infinity':
      return Infinity;
    case '-Infinity':
      return -Infinity;
    default:
      return value;
  }
}
