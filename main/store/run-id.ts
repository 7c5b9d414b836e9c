/** Identifiers of runs: short, sortable by creation, easy to read aloud: `r-20261121-143055-k3f9` (UTC). */

const SUFFIX_LENGTH = 4;
/** Without letters that are taken for digits, and without vowels, so that no words come out. */
const ALPHABET = '23456789bcdfghjkmnpqrstvwxz';

/** @param random draws from [0, 1). */
export function makeRunId(now: Date, random: () => number): string {
  const digits = now.toISOString().replaceAll(/[-:]/g, '');
  return `r-${digits.slice(0, 8)}-${digits.slice(9, 15)}-${suffix(random)}`;
}

function suffix(random: () => number): string {
  let text = '';
  for (let index = 0; index < SUFFIX_LENGTH; index++) text += ALPHABET[Math.floor(random() * ALPHABET.length)];
  return text;
}
