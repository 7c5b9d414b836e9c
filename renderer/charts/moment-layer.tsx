/**
 * Over a chart of the time axis: points at moments, and draws the line of the moment that any chart of the
 * screen points at. The line is moved by hand, so that no chart renders because a pointer moves.
 */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react';
import { useMoment } from './moment.ts';
import { type Insets, type Span, toPixel, toValue } from './plot-area.ts';

/** One press of an arrow key: this share of the axis. */
const KEY_STEP = 0.01;

export interface MomentLayerProps {
  insets: Insets;
  /** What the axis spans. */
  axis: Span;
  label: string;
  /** A moment in words. */
  say: (seconds: number) => string;
  /** From the axis' own unit to seconds and back, for axes of bytes and samples. */
  toSeconds?: (value: number) => number | null;
  toAxis?: (seconds: number) => number | null;
}

export function MomentLayer({ insets, axis, label, say, toSeconds = same, toAxis = same }: MomentLayerProps) {
  const moment = useMoment();
  const layer = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const { left, right, top, bottom } = insets;
  const { min, max } = axis;

  useEffect(() => {
    const move = (): void => {
      const target = line.current;
      const width = layer.current?.clientWidth ?? 0;
      const seconds = moment.seconds();
      if (target === null) return;
      const value = seconds === null ? null : toAxis(seconds);
      const isShown = value !== null && value >= min && value <= max;
      target.hidden = !isShown;
      const share = isShown && max > min ? Math.round((100 * (value - min)) / (max - min)) : 0;
      layer.current?.setAttribute('aria-valuenow', String(share));
      layer.current?.setAttribute('aria-valuetext', seconds === null ? 'no moment chosen' : say(seconds));
      if (isShown) target.style.transform = `translateX(${toPixel({ min, max }, left, width - right, value)}px)`;
    };
    move();
    return moment.onMoment(move);
  }, [moment, toAxis, say, min, max, left, right]);

  const point = (event: PointerEvent<HTMLDivElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const value = toValue(axis, left, box.width - right, event.clientX - box.left);
    moment.point(value < min || value > max ? null : toSeconds(value));
  };

  const step = (event: KeyboardEvent): void => {
    const direction = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === 'Escape') moment.point(null);
    if (direction === undefined) return;
    event.preventDefault();
    const seconds = moment.seconds();
    const from = (seconds === null ? null : toAxis(seconds)) ?? max;
    const wanted = Math.min(max, Math.max(min, from + direction * KEY_STEP * (event.shiftKey ? 10 : 1) * (max - min)));
    moment.point(toSeconds(wanted));
  };

  return (
    <div
      ref={layer}
      className="moment-layer"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={0}
      onPointerMove={point}
      onPointerLeave={() => moment.point(null)}
      onKeyDown={step}
      onBlur={() => moment.point(null)}
    >
      <div ref={line} className="moment-line" hidden style={{ top, bottom }} />
    </div>
  );
}

function same(value: number): number {
  return value;
}
