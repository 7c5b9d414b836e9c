/** Lines and steps over an axis, labelled where they end. */
import { downsample, type Point } from '../../core/display/downsample.ts';
import { markup, type Markup, type Part } from '../markup.ts';
import { LABEL_SPACING_PX, shorten, spreadLabels, textWidth } from './labels.ts';
import { type EventMark, INNER_WIDTH, innerX, percentX, pixelY, type Plot, renderPlot, trim } from './plot.ts';
import { type Axis, place } from '../../core/display/axis.ts';
import { dashOf, markerAt, type SeriesStyle, styleClass } from './series-style.ts';

const LABEL_CHARACTERS = 16;
/** With no more points than this, each gets a dot: the eye should see how few there are. */
const DOTTED_POINTS = 24;
const SPARK_PX = 24;

export interface LineSeries {
  label: string;
  /** Ascending in x. */
  points: readonly Point[];
  style: SeriesStyle;
  /** `step`: given until the next. `held`: measured, and true until it is measured again. */
  shape: 'line' | 'step' | 'held';
  /** False: the line has no words of its own. */
  labelled: boolean;
}

export interface LineChart {
  id: string;
  title: string;
  description: string;
  heightPx: number;
  x: Axis;
  y: Axis;
  series: readonly LineSeries[];
  /** A level to compare with. */
  reference?: { y: number; label: string };
  marks?: readonly EventMark[];
  /** Places to point at, from below. */
  pins?: readonly { x: number; y: number }[];
}

export function lineChart(chart: LineChart): Markup {
  const series = chart.series
    .filter(({ points }) => points.some(([, y]) => y !== null))
    .map((one) => ({ ...one, points: downsample(one.points) }));
  // The crowd lies behind those that are named.
  const drawn = [...series].sort((left, right) => Number(left.style !== null) - Number(right.style !== null));
  const named = series.filter(({ labelled }) => labelled).slice(0, Math.floor(chart.heightPx / LABEL_SPACING_PX) + 1);
  const words = [...named.map(({ label }) => label), chart.reference?.label ?? ''];
  const widest = Math.max(...words.map((label) => textWidth(shorten(label, LABEL_CHARACTERS))));
  const plot: Plot = { ...chart, rightPx: widest === 0 ? 10 : widest + 22 };
  return renderPlot(plot, {
    stretched: drawn.map((one) => linePath(plot, one)),
    overlay: [
      chart.reference !== undefined && levelLine(plot, chart.reference.y),
      drawn.map((one) => dots(plot, one)),
      chart.pins?.map(
        ({ x, y }) =>
          markup`<svg x="${percentX(plot.x, x)}" y="${pixelY(plot, y)}" class="over"><path class="push" d="M0,1L3.5,7H-3.5Z"/></svg>`,
      ),
      endLabels(plot, named, chart.reference),
    ],
  });
}

function linePath(plot: Plot, { points, shape, style }: LineSeries): Markup {
  const dash = dashOf(style);
  return markup`<path class="line ${styleClass(style)}" ${dash !== '' && markup`stroke-dasharray="${dash}" `}d="${pathData(plot, points, shape)}"/>`;
}

function pathData(plot: Plot, points: readonly Point[], shape: LineSeries['shape']): string {
  let data = '';
  let down = false;
  for (const [x, y] of points) {
    if (y === null) {
      // A step holds until its gap begins.
      if (down && shape !== 'line') data += `H${innerX(plot.x, x)}`;
      down = false;
      continue;
    }
    const [atX, atY] = [innerX(plot.x, x), trim(pixelY(plot, y))];
    data += !down ? `M${atX},${atY}` : shape === 'line' ? `L${atX},${atY}` : `H${atX}V${atY}`;
    down = true;
  }
  return data;
}

function dots(plot: Plot, { points, style, shape }: LineSeries): Part {
  const seen = points.filter(([, y]) => y !== null) as [number, number][];
  if (style === null || shape === 'step') return null;
  // A single point makes no line: without its dot it would be invisible.
  if (seen.length > DOTTED_POINTS) return null;
  return seen.map(
    ([x, y]) =>
      markup`<circle class="dot ${styleClass(style)}" cx="${percentX(plot.x, x)}" cy="${pixelY(plot, y)}" r="2"/>`,
  );
}

function levelLine(plot: Plot, y: number): Markup {
  const at = pixelY(plot, y);
  return markup`<line class="reference" x2="100%" y1="${at}" y2="${at}"/>`;
}

/** What stands at the right edge: the names of lines, and of the level to compare with. */
interface EndLabel {
  text: string;
  y: number;
  /** Where its line ends, as a share of the width. */
  share: number;
  /** Undefined for a level: it has no marker. */
  style?: SeriesStyle;
}

function endLabels(plot: Plot, series: readonly LineSeries[], reference: LineChart['reference']): Part {
  const wanted = series.flatMap((one): EndLabel[] => {
    const end = one.points.findLast(([, y]) => y !== null);
    if (end === undefined) return [];
    return [{ text: one.label, style: one.style, share: place(plot.x, end[0]), y: pixelY(plot, end[1] as number) }];
  });
  if (reference !== undefined) wanted.push({ text: reference.label, share: 1, y: pixelY(plot, reference.y) });
  return spreadLabels(wanted, 4, plot.heightPx - 2).map((label) => endLabel(label));
}

function endLabel({ text, style, share, y, labelY }: EndLabel & { labelY: number }): Part {
  const x = `${(100 * share).toFixed(2)}%`;
  const early = share < 0.985;
  return [
    early && markup`<line class="leader" x1="${x}" x2="100%" y1="${y}" y2="${y}"/>`,
    style !== undefined && markerAt(style, x, y),
    markup`<svg x="100%" class="over"><path class="leader" d="M${early || style === undefined ? 0 : 5},${y}L9,${labelY}"/><text class="${style === undefined ? 'tick' : 'label'}" x="12" y="${labelY}" dy=".33em"><title>${text}</title>${shorten(text, LABEL_CHARACTERS)}</text></svg>`,
  ];
}

/**
 * A line without axes for a figure: the shape of a development in the space of a word.
 * @param range values at the bottom and the top; those of the points when left out.
 */
export function sparkline(
  points: readonly Point[],
  style: SeriesStyle,
  range?: readonly [number, number],
): Markup | null {
  const seen = downsample(points, 60).filter(([, y]) => y !== null) as [number, number][];
  const [first, last] = [seen[0], seen.at(-1)];
  if (first === undefined || last === undefined || first[0] === last[0]) return null;
  const low = range?.[0] ?? Math.min(...seen.map(([, y]) => y));
  const high = range?.[1] ?? Math.max(...seen.map(([, y]) => y));
  const data = seen.map(([x, y], index) => {
    const atX = ((x - first[0]) / (last[0] - first[0])) * INNER_WIDTH;
    const atY = high === low ? SPARK_PX / 2 : (1 - (y - low) / (high - low)) * (SPARK_PX - 4) + 2;
    return `${index === 0 ? 'M' : 'L'}${trim(atX)},${trim(atY)}`;
  });
  return markup`<svg class="spark" aria-hidden="true" viewBox="0 0 ${INNER_WIDTH} ${SPARK_PX}" height="${SPARK_PX}" preserveAspectRatio="none"><path class="line ${styleClass(style)}" d="${data.join('')}"/></svg>`;
}
