/** A canvas that is as wide as its place and draws itself again, in an animation frame, when something changed. */
import { type ReactNode, useEffect, useRef } from 'react';
import { CanvasSurface } from './canvas-surface.ts';
import { forget, redraw } from './redraw.ts';
import type { Surface } from './surface.ts';
import { onThemeChange, type Theme, theme } from './theme.ts';
import { useWidth } from './use-size.ts';

export type Drawing = (surface: Surface, colors: Theme) => void;

export interface CanvasProps {
  draw: Drawing;
  height: number;
  /** What the drawing shows, in a sentence. */
  label: string;
  /** Calls `listener` whenever the data changed; absent: only a new `draw` draws again. */
  subscribe?: (listener: () => void) => () => void;
  children?: ReactNode;
}

export function Canvas({ draw, height, label, subscribe, children }: CanvasProps) {
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const scratch = useRef<OffscreenCanvas>(null);
  const width = useWidth(place);
  useEffect(() => {
    const target = canvas.current;
    if (target === null || width === 0) return;
    const paint = (): void => {
      const scale = window.devicePixelRatio;
      const [pixelsAcross, pixelsDown] = [Math.round(width * scale), Math.round(height * scale)];
      if (target.width !== pixelsAcross || target.height !== pixelsDown) {
        target.width = pixelsAcross;
        target.height = pixelsDown;
      }
      scratch.current ??= new OffscreenCanvas(1, 1);
      const colors = theme();
      draw(new CanvasSurface(target, scratch.current, width, height, colors.font), colors);
    };
    const soon = (): void => redraw(paint);
    // The first drawing is in the frame that shows the place for it.
    paint();
    const stops = [onThemeChange(soon), subscribe?.(soon)];
    return () => {
      forget(paint);
      for (const stop of stops) stop?.();
    };
  }, [draw, height, subscribe, width]);
  return (
    <div ref={place} className="plot" style={{ height }}>
      <canvas ref={canvas} role="img" aria-label={label} style={{ width: '100%', height }} />
      {children}
    </div>
  );
}
