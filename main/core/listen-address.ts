/** Which addresses a server may be told to listen on: one of this machine, never all of them at once. */

/**
 * True for every way of writing "all interfaces": `0.0.0.0`, `0`, `0x0`, `::`, `::0`, `[::]`, `::ffff:0.0.0.0`,
 * `*`, and for nothing at all, which Node takes for the same. Names are looked at once they are resolved.
 */
export function isEveryAddress(host: string): boolean {
  const plain = host
    .trim()
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '')
    .replace(/^[0:]*:ffff:/, '');
  return plain === '' || plain === '*' || /^(?:0x)?0[0x.:]*$/.test(plain) || /^:[0:.]*$/.test(plain);
}
