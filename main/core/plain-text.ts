/**
 * Text from elsewhere — a device, a server's banner, a list — as something that can be shown anywhere: it must not steer
 * a terminal, turn the direction of writing, or hide inside a name.
 */

/** C0 but tab and line end, DEL, C1; marks of direction; zero-width characters; separators that break lines. */
// eslint-disable-next-line no-control-regex -- the rule is about accidents; this is the point
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
/** Escape sequences of terminals as a whole, so that no `[31m` is left of a colour. Bounded, for hostile text. */
// eslint-disable-next-line no-control-regex -- as above
const SEQUENCE = /\u001b(?:\[[0-9;?]{0,32}[ -/]{0,4}[@-~]|\][^\u0007\u001b]{0,512}(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
const SHOWN = '\ufffd';

/** As it is, but for what steers: line ends and tabs become spaces, nothing passes for a line of the reader's own. */
export function printable(text: string): string {
  return text.replace(/[\t\n]/g, ' ').replace(UNSEEN, SHOWN);
}

/** Several lines; at most `maxLength` characters, the newest. */
export function plainText(text: string, maxLength = 16_384): string {
  const lines = text
    .slice(-2 * maxLength)
    .replace(/\r\n?/g, '\n')
    .replace(SEQUENCE, '')
    .replace(UNSEEN, SHOWN);
  return lines.length <= maxLength ? lines : lines.slice(lines.length - maxLength);
}

/** The same on one line, its beginning. */
export function oneLine(text: string, maxLength = 300): string {
  const line = text
    .slice(0, 4 * maxLength)
    .replace(SEQUENCE, '')
    .replace(/[\r\n\t\u0085\u2028\u2029]+/g, ' ')
    .replace(UNSEEN, SHOWN)
    .trim();
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1)}…`;
}
