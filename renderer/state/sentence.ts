/** Messages of errors begin in small letters, because other text stands before them elsewhere. */
export function sentence(text: string): string {
  // A name, an address or a path keeps its letters: Pi@10.0.0.7 would be another user.
  const isWord = /^\p{L}+(?:[\s,;:]|$)/u.test(text);
  const first = isWord ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.?:…]$/.test(first) ? first : `${first}.`;
}
