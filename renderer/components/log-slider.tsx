/** A slider over powers of ten: from a Pi to a server is further than a straight line shows. Exact figures are typed beside it. */
import { useId, useState } from 'react';
import { typedFigure } from './typed-figure.ts';
import './log-slider.css';

export interface LogSliderProps {
  label: string;
  value: number;
  min: number;
  max: number;
  /** The value with its unit. */
  text: (value: number) => string;
  onChange: (value: number) => void;
}

const STEPS = 120;

export function LogSlider({ label, value, min, max, text, onChange }: LogSliderProps) {
  const id = useId();
  return (
    <div className="log-slider">
      <label htmlFor={id} className="unseen">
        {label}
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={STEPS}
        step={1}
        value={stepOf(value, min, max)}
        aria-valuetext={text(value)}
        onChange={(event) => onChange(valueOf(event.target.valueAsNumber, min, max))}
      />
      <Figure label={`${label}, as a figure`} {...{ value, min, max, text, onChange }} />
    </div>
  );
}

/** The value as text, which may be typed over; what is no figure is put back. */
function Figure({ label, value, min, max, text, onChange }: LogSliderProps) {
  const [typed, setTyped] = useState<string>();
  const take = (): void => {
    const figure = typedFigure(typed ?? '');
    setTyped(undefined);
    if (figure !== undefined && typed !== text(value)) onChange(Math.min(max, Math.max(min, figure)));
  };
  return (
    <input
      className="log-slider-figure"
      aria-label={label}
      title={`${text(min)} to ${text(max)}`}
      value={typed ?? text(value)}
      spellCheck={false}
      autoComplete="off"
      maxLength={24}
      onFocus={({ target }) => target.select()}
      onChange={({ target }) => setTyped(target.value)}
      onBlur={take}
      onKeyDown={({ key }) => {
        if (key === 'Enter') take();
        if (key === 'Escape') setTyped(undefined);
      }}
    />
  );
}

export function stepOf(value: number, min: number, max: number): number {
  const share = Math.log(Math.min(max, Math.max(min, value)) / min) / Math.log(max / min);
  return Math.round(share * STEPS);
}

/** Two digits that matter: more would be noise of the slider. */
export function valueOf(step: number, min: number, max: number): number {
  if (step <= 0) return min;
  if (step >= STEPS) return max;
  return Number((min * (max / min) ** (step / STEPS)).toPrecision(2));
}
