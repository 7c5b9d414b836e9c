/** How wide words of charts are, in the type that they are written in. */
import { FONT_PX } from './surface.ts';
import { theme } from './theme.ts';

/** Names of workers and events; more would be names that were never shown again. */
const MAX_KEPT = 500;
const kept = new Map<string, number>();
let context: OffscreenCanvasRenderingContext2D | null | undefined;

export function wordWidth(word: string): number {
  const known = kept.get(word);
  if (known !== undefined) return known;
  context ??= new OffscreenCanvas(1, 1).getContext('2d');
  if (context === null) throw new Error('this browser cannot draw on a canvas');
  context.font = `${FONT_PX}px ${theme().font}`;
  const width = Math.ceil(context.measureText(word).width);
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(word, width);
  return width;
}
