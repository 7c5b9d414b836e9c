/**
 * Handwritten-looking digits, drawn by a seeded pen: the data set that needs no download. Each row
 * has its own stream of chance, so that a row never depends on how many there are; and only +, −, ×,
 * ÷ and √ are used, which every host rounds alike, so that every host draws the same bytes.
 */
import { present } from '../../core/assert.ts';
import { type PrngState, below, nextUint32, prng, uniform } from '../../core/prng.ts';
import type { Dataset, Rows } from './dataset.ts';
import { DIGIT_STYLES, type Stroke, type Style } from './digit-strokes.ts';
import { Paper } from './stroke-raster.ts';

export const DIGIT_SIDE = 28;
const CLASSES = 10;
/** Pixels that the unit box of the strokes covers before scaling, as in MNIST. */
const BOX = 20;

/** How far one writing may be from the next. Standard deviations, unless a range is said. */
const VARIATION = {
  /** Of every point of a stroke, in boxes. */
  point: 0.039,
  /** Horizontal shift per height. */
  slant: 0.23,
  /** Tangent of half the angle. */
  turn: 0.065,
  /** Width and height, as a factor around 1. */
  width: 0.15,
  height: 0.09,
  /** Of the whole digit, pixels. */
  shift: 1.4,
  /** Pen radius, pixels, least and most. */
  thin: 0.55,
  thick: 1.75,
  /** Pixel noise, least and most, in shares of full ink. */
  quiet: 0.01,
  noisy: 0.1,
  /** Chance of an erased spot, and of a stray stroke from a neighbour at the edge. */
  erased: 0.18,
  stray: 0.15,
};

/** When no other number is asked for. Drawing them takes about a second. */
export const DIGITS_ROWS = { train: 12_000, test: 2_000 };

export function generateDigits({
  seed,
  trainRows = DIGITS_ROWS.train,
  testRows = DIGITS_ROWS.test,
}: DigitsOptions): Dataset {
  return {
    name: 'digits',
    shape: [DIGIT_SIDE, DIGIT_SIDE, 1],
    featureSize: DIGIT_SIDE * DIGIT_SIDE,
    classes: CLASSES,
    train: drawRows(seed, 'train', trainRows),
    test: drawRows(seed, 'test', testRows),
    source: `drawn with seed ${seed}`,
  };
}

export interface DigitsOptions {
  seed: number;
  trainRows?: number;
  testRows?: number;
}

function drawRows(seed: number, split: string, count: number): Rows {
  const size = DIGIT_SIDE * DIGIT_SIDE;
  const features = new Uint8Array(count * size);
  const labels = new Uint8Array(count);
  const paper = new Paper(DIGIT_SIDE);
  for (let row = 0; row < count; row++) {
    const chance = prng(seed, 'digits', split, row);
    const digit = below(chance, CLASSES);
    labels[row] = digit;
    drawDigit(chance, digit, paper, features.subarray(row * size, (row + 1) * size));
  }
  return { features, labels, count };
}

function drawDigit(chance: PrngState, digit: number, paper: Paper, pixels: Uint8Array): void {
  paper.clear();
  const place = placement(chance);
  // Most pens are thin: the square of a uniform draw leans to the small side.
  const radius = VARIATION.thin + (VARIATION.thick - VARIATION.thin) * uniform(chance) ** 2;
  if (uniform(chance) < VARIATION.stray) drawStray(chance, paper, radius);
  for (const stroke of pickStyle(chance, present(DIGIT_STYLES[digit], 'digit')).strokes) {
    drawStroke(chance, paper, stroke, place, radius);
  }
  if (uniform(chance) < VARIATION.erased) {
    const middle = DIGIT_SIDE / 2;
    paper.erase(middle + 5 * bell(chance), middle + 6 * bell(chance), 1 + 1.2 * uniform(chance));
  }
  const strength = 255 * (0.7 + 0.3 * uniform(chance));
  const noise = 255 * (VARIATION.quiet + (VARIATION.noisy - VARIATION.quiet) * uniform(chance) ** 3);
  for (let index = 0; index < pixels.length; index++) {
    const value = (paper.ink[index] as number) * strength + noise * cheapBell(chance);
    pixels[index] = Math.min(255, Math.max(0, Math.round(value)));
  }
}

/** From box coordinates to pixels: x' = xx·x + xy·y + x0, and y' alike. */
interface Placement {
  xx: number;
  xy: number;
  x0: number;
  yx: number;
  yy: number;
  y0: number;
}

function placement(chance: PrngState): Placement {
  const slant = VARIATION.slant * bell(chance);
  // cos and sin as rational functions of tan(angle / 2): exact arithmetic instead of a host's own sine.
  const half = VARIATION.turn * bell(chance);
  const cos = (1 - half * half) / (1 + half * half);
  const sin = (2 * half) / (1 + half * half);
  const width = BOX * Math.max(0.5, 0.85 + VARIATION.width * bell(chance));
  const height = BOX * Math.max(0.6, 0.98 + VARIATION.height * bell(chance));
  const xx = cos * width;
  const xy = -(cos * slant + sin) * height;
  const yx = sin * width;
  const yy = (cos - sin * slant) * height;
  const middle = DIGIT_SIDE / 2;
  return {
    xx,
    xy,
    x0: middle + VARIATION.shift * bell(chance) - (xx + xy) / 2,
    yx,
    yy,
    y0: middle + VARIATION.shift * bell(chance) - (yx + yy) / 2,
  };
}

function pickStyle(chance: PrngState, styles: readonly Style[]): Style {
  let left = uniform(chance) * styles.reduce((sum, { weight }) => sum + weight, 0);
  for (const style of styles) {
    left -= style.weight;
    if (left < 0) return style;
  }
  return present(styles[0], 'style');
}

function drawStroke(chance: PrngState, paper: Paper, stroke: Stroke, place: Placement, radius: number): void {
  const count = stroke.points.length / 2;
  const xs = new Float64Array(count);
  const ys = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    const x = (stroke.points[2 * index] as number) + VARIATION.point * bell(chance);
    const y = (stroke.points[2 * index + 1] as number) + VARIATION.point * bell(chance);
    xs[index] = place.xx * x + place.xy * y + place.x0;
    ys[index] = place.yx * x + place.yy * y + place.y0;
  }
  // The hand presses less at one end than at the other.
  const start = radius * (0.85 + 0.3 * uniform(chance));
  const end = radius * (0.75 + 0.3 * uniform(chance));
  // Tension of the curve: how round the writer makes a bow. A straight stroke still bends a little.
  const tension = stroke.smooth ? 0.4 + 0.2 * uniform(chance) : 0.12 * uniform(chance);
  const pieces = 6;
  let fromX = xs[0] as number;
  let fromY = ys[0] as number;
  let fromRadius = start;
  for (let span = 0; span + 1 < count; span++) {
    for (let piece = 1; piece <= pieces; piece++) {
      const x = spline(xs, span, piece / pieces, tension);
      const y = spline(ys, span, piece / pieces, tension);
      const toRadius = start + ((end - start) * (span + piece / pieces)) / (count - 1);
      paper.segment(fromX, fromY, x, y, fromRadius, toRadius);
      fromX = x;
      fromY = y;
      fromRadius = toRadius;
    }
  }
}

/** Cardinal spline between points `span` and `span + 1` at t in 0 … 1; tension 0.5 is Catmull–Rom, 0 a straight line. */
function spline(values: Float64Array, span: number, t: number, tension: number): number {
  const p1 = values[span] as number;
  const p2 = values[span + 1] as number;
  const p0 = span > 0 ? (values[span - 1] as number) : p1;
  const p3 = span + 2 < values.length ? (values[span + 2] as number) : p2;
  const m1 = tension * (p2 - p0);
  const m2 = tension * (p3 - p1);
  const [t2, t3] = [t * t, t * t * t];
  return (2 * t3 - 3 * t2 + 1) * p1 + (t3 - 2 * t2 + t) * m1 + (3 * t2 - 2 * t3) * p2 + (t3 - t2) * m2;
}

/** The end of a neighbouring digit's stroke, reaching in from the left or the right edge. */
function drawStray(chance: PrngState, paper: Paper, radius: number): void {
  const fromLeft = uniform(chance) < 0.5;
  const edge = fromLeft ? 0 : DIGIT_SIDE;
  const inward = (fromLeft ? 1 : -1) * (1 + 3 * uniform(chance));
  const y = DIGIT_SIDE * (0.15 + 0.7 * uniform(chance));
  paper.segment(edge, y, edge + inward, y + 6 * (uniform(chance) - 0.5), radius, radius * 0.8);
}

/** Nearly N(0, 1), within ±3.5: the sum of four uniform draws (Irwin–Hall), without log and cosine. */
function bell(chance: PrngState): number {
  return (uniform(chance) + uniform(chance) + uniform(chance) + uniform(chance) - 2) * Math.sqrt(3);
}

/** The same from the four bytes of one draw: for pixels, of which there are many. */
function cheapBell(chance: PrngState): number {
  const draw = nextUint32(chance);
  const sum = (draw & 255) + ((draw >>> 8) & 255) + ((draw >>> 16) & 255) + (draw >>> 24);
  return (sum - 510) / 147.8;
}
