/**
 * Tells whoever started the shell that its window is there: where none comes, `npm start` serves a browser.
 * Asked for by CADUCEUS_WINDOW_MARK=1; else nothing is said.
 */
export const WINDOW_MARK = 'caduceus: the window is open';

export function markWindow(environment: NodeJS.ProcessEnv = process.env): void {
  if (environment['CADUCEUS_WINDOW_MARK'] === '1') process.stdout.write(`${WINDOW_MARK}\n`);
}
