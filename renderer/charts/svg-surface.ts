/** A surface that writes an SVG document. Everything that comes from outside is escaped here, once. */
import { type Align, FONT_PX, type Stroke, type Surface } from './surface.ts';

const ANCHORS = { left: 'start', center: 'middle', right: 'end' } as const;

export class SvgSurface implements Surface {
  readonly width: number;
  readonly height: number;
  readonly #parts: string[] = [];

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
  }

  rect(x: number, y: number, width: number, height: number, fill: string): void {
    if (width <= 0 || height <= 0) return;
    this.#parts.push(
      `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" fill="${escaped(fill)}"/>`,
    );
  }

  outline(x: number, y: number, width: number, height: number, stroke: Stroke): void {
    const box = `x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}"`;
    this.#parts.push(`<rect ${box} fill="none" ${strokeAttributes(stroke)}/>`);
  }

  line(points: ArrayLike<number>, stroke: Stroke): void {
    let path = '';
    let down = false;
    for (let index = 0; index + 1 < points.length; index += 2) {
      const x = points[index] as number;
      const y = points[index + 1] as number;
      const isGap = Number.isNaN(x) || Number.isNaN(y);
      if (!isGap) path += `${down ? 'L' : 'M'}${n(x)},${n(y)}`;
      down = !isGap;
    }
    if (path !== '') this.#parts.push(`<path d="${path}" fill="none" ${strokeAttributes(stroke)}/>`);
  }

  mark(x: number, y: number, shape: readonly number[], fill: string): void {
    const corners: string[] = [];
    for (let index = 0; index + 1 < shape.length; index += 2) {
      corners.push(`${n(x + (shape[index] as number))},${n(y + (shape[index + 1] as number))}`);
    }
    this.#parts.push(`<polygon points="${corners.join(' ')}" fill="${escaped(fill)}"/>`);
  }

  text(x: number, y: number, text: string, fill: string, align: Align = 'left'): void {
    this.#parts.push(
      `<text x="${n(x)}" y="${n(y)}" dy=".35em" text-anchor="${ANCHORS[align]}" fill="${escaped(fill)}">${escaped(text)}</text>`,
    );
  }

  /** Neighbours of one colour become one rectangle. */
  cells(box: Parameters<Surface['cells']>[0], grid: Parameters<Surface['cells']>[1]): void {
    const { columns, rows, rgba } = grid;
    const colors = new Uint32Array(rgba.buffer, rgba.byteOffset, columns * rows);
    const [width, height] = [box.width / columns, box.height / rows];
    for (let row = 0; row < rows; row++) {
      for (let start = 0; start < columns;) {
        const color = colors[row * columns + start];
        let end = start + 1;
        while (end < columns && colors[row * columns + end] === color) end += 1;
        const at = 4 * (row * columns + start);
        const alpha = (rgba[at + 3] as number) / 255;
        if (alpha > 0) {
          const fill = `rgb(${rgba[at]},${rgba[at + 1]},${rgba[at + 2]})`;
          const place = `x="${n(box.x + start * width)}" y="${n(box.y + row * height)}"`;
          const size = `width="${n((end - start) * width)}" height="${n(height)}"`;
          this.#parts.push(`<rect ${place} ${size} fill="${fill}"${alpha < 1 ? ` fill-opacity="${n(alpha)}"` : ''}/>`);
        }
        start = end;
      }
    }
  }

  document(title: string, background: string): string {
    const { width, height } = this;
    const size = `width="${n(width)}" height="${n(height)}" viewBox="0 0 ${n(width)} ${n(height)}"`;
    const font = `font-family="system-ui, sans-serif" font-size="${FONT_PX}"`;
    const ground = `<rect width="100%" height="100%" fill="${escaped(background)}"/>`;
    return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${font}><title>${escaped(title)}</title>${ground}${this.#parts.join('')}</svg>`;
  }
}

function strokeAttributes({ color, width, dash }: Stroke): string {
  const dashes = dash === undefined || dash.length === 0 ? '' : ` stroke-dasharray="${dash.join(' ')}"`;
  return `stroke="${escaped(color)}" stroke-width="${n(width)}"${dashes}`;
}

/** At most two decimals. */
function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

export function escaped(text: string): string {
  const named = text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  // Characters that XML does not know would make the file unreadable.
  return named.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
}
