/** Where a plot is drawn: as wide as its place, an image to screen readers, with what can be pointed at beside it. */
import { type ReactNode, useRef } from 'react';
import { useWidth } from './use-size.ts';

export interface PlotFrameProps {
  height: number;
  /** Said to screen readers in place of the drawing. */
  label: string;
  /** Given the width, once it is known. */
  drawing: (width: number) => ReactNode;
  children?: ReactNode;
}

export function PlotFrame({ height, label, drawing, children }: PlotFrameProps) {
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  return (
    <div ref={place} className="plot" style={{ height }}>
      {/* What can be pointed at lies beside the drawing: nothing inside of an image can be reached. */}
      <div role="img" aria-label={label} style={{ height }}>
        {width > 0 && drawing(width)}
      </div>
      {children}
    </div>
  );
}
