/** The five figures at the head of a run. */
import { Figure } from '../../components/card.tsx';
import { colorOf } from '../../charts/series-style.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { usePaced } from '../../charts/pace.ts';
import { useRun } from './run-context.ts';
import { headFigures } from './run-figures.ts';

/** Figures that change faster cannot be read. */
const FIGURES_MS = 500;

export function FiguresRow({ hasGate }: { hasGate: boolean }) {
  const { feed, detail, target, isOpen } = useRun();
  usePaced(feed, FIGURES_MS);
  return (
    <div className="figures-row">
      {headFigures({ picture: feed.picture, target, isOpen, isPaused: detail.status === 'paused', hasGate }).map(
        ({ label, value, unit, against, spark, style, range }) => (
          <Figure
            key={label}
            label={label}
            value={value}
            {...(unit !== undefined && { unit })}
            against={<span title={against}>{against}</span>}
          >
            <Sparkline values={spark} color={colorOf(style)} {...(range && { range })} />
          </Figure>
        ),
      )}
    </div>
  );
}
