/** What happened, newest first; each a mark on the axes. Pointing at one shows its moment in every chart. */
import { useMemo, useState } from 'react';
import { clock } from '../../../main/core/display/format.ts';
import { Card } from '../../components/card.tsx';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { useFocusedWorker, useMoment } from '../../charts/moment.ts';
import { useChartPace, useRun } from './run-context.ts';
import { type EventKind, eventsOf, noEvents, runEvents } from './run-events.ts';

const SHOWN = 40;
const FILTERS: readonly { value: EventKind | 'all'; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'incident', label: 'Incidents' },
  { value: 'allocation', label: 'Allocation' },
  { value: 'push', label: 'Pushes' },
];

export function EventFeed() {
  const { feed } = useRun();
  const version = useChartPace();
  const moment = useMoment();
  const focused = useFocusedWorker();
  const [kind, setKind] = useState<EventKind | 'all'>('all');
  const [shown, setShown] = useState(SHOWN);
  const { picture } = feed;
  const events = useMemo(
    () => runEvents(picture),
    // The picture grows in place: its version says that it is another.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [picture, version],
  );
  const wanted = eventsOf(events, kind, focused);
  return (
    <Card
      title="Events"
      {...(focused !== null && { note: `of ${focused} and of the run` })}
      actions={<Segmented label="Events shown" value={kind} options={FILTERS} onChange={setKind} />}
      flush
    >
      <div className="event-scroll" tabIndex={0} role="region" aria-label="Events, newest first">
        {wanted.length === 0 && <p className="event-none">{noEvents(kind, picture)}</p>}
        <ol className="events">
          {wanted.slice(0, shown).map((event) => (
            <li
              key={event.key}
              onPointerEnter={() => moment.point(event.seconds)}
              onPointerLeave={() => moment.point(null)}
            >
              <span className="event-at">{clock(event.seconds)}</span>
              <span className={`event-icon tone-${event.tone}`}>
                <Icon name={event.icon} size={14} label={event.word} />
              </span>
              <span className="event-text">{event.text}</span>
            </li>
          ))}
        </ol>
        {wanted.length > shown && (
          <Button kind="quiet" size="small" onClick={() => setShown(shown + SHOWN)}>
            Show {Math.min(SHOWN, wanted.length - shown)} more of {wanted.length - shown}
          </Button>
        )}
      </div>
    </Card>
  );
}
