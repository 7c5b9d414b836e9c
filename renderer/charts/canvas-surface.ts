/** A surface that draws into a canvas of the page. */
import { type Align, FONT_PX, type Stroke, type Surface } from './surface.ts';

export class CanvasSurface implements Surface {
  readonly width: number;
  readonly height: number;
  readonly #context: CanvasRenderingContext2D;
  readonly #scratch: OffscreenCanvas;

  /** Clears the canvas. `scratch` is kept by the caller, so that drawing again allocates nothing. */
  constructor(canvas: HTMLCanvasElement, scratch: OffscreenCanvas, width: number, height: number, font: string) {
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('this browser cannot draw on a canvas');
    this.width = width;
    this.height = height;
    this.#context = context;
    this.#scratch = scratch;
    context.setTransform(canvas.width / width, 0, 0, canvas.height / height, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = `${FONT_PX}px ${font}`;
    context.textBaseline = 'middle';
  }

  rect(x: number, y: number, width: number, height: number, fill: string): void {
    this.#context.fillStyle = fill;
    this.#context.fillRect(x, y, width, height);
  }

  outline(x: number, y: number, width: number, height: number, stroke: Stroke): void {
    this.#stroke(stroke);
    this.#context.strokeRect(x, y, width, height);
  }

  line(points: ArrayLike<number>, stroke: Stroke): void {
    const context = this.#context;
    this.#stroke(stroke);
    context.beginPath();
    let down = false;
    for (let index = 0; index + 1 < points.length; index += 2) {
      const x = points[index] as number;
      const y = points[index + 1] as number;
      if (Number.isNaN(x) || Number.isNaN(y)) down = false;
      else if (down) context.lineTo(x, y);
      else {
        context.moveTo(x, y);
        down = true;
      }
    }
    context.stroke();
  }

  mark(x: number, y: number, shape: readonly number[], fill: string): void {
    const context = this.#context;
    context.fillStyle = fill;
    context.beginPath();
    for (let index = 0; index + 1 < shape.length; index += 2) {
      context.lineTo(x + (shape[index] as number), y + (shape[index + 1] as number));
    }
    context.closePath();
    context.fill();
  }

  text(x: number, y: number, text: string, fill: string, align: Align = 'left'): void {
    this.#context.fillStyle = fill;
    this.#context.textAlign = align;
    this.#context.fillText(text, x, y);
  }

  cells(box: Parameters<Surface['cells']>[0], grid: Parameters<Surface['cells']>[1]): void {
    if (grid.columns === 0 || grid.rows === 0) return;
    const scratch = this.#scratch;
    if (scratch.width !== grid.columns || scratch.height !== grid.rows) {
      scratch.width = grid.columns;
      scratch.height = grid.rows;
    }
    scratch.getContext('2d')?.putImageData(new ImageData(grid.rgba, grid.columns, grid.rows), 0, 0);
    this.#context.imageSmoothingEnabled = false;
    this.#context.drawImage(scratch, box.x, box.y, box.width, box.height);
  }

  #stroke({ color, width, dash = [] }: Stroke): void {
    this.#context.strokeStyle = color;
    this.#context.lineWidth = width;
    this.#context.setLineDash([...dash]);
  }
}
