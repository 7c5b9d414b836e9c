import { useEffect, useState } from 'react';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { LogView } from '../../components/log-view.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { follow } from '../../state/control-plane.ts';

/** Older lines go. */
const MAX_LINES = 1000;

/** The agent's log on the device, while it is looked at. */
export function AgentLog({ device, name }: { device: string; name: string }) {
  const [lines, setLines] = useState<readonly string[]>([]);
  const [ended, setEnded] = useState(false);
  const [error, setError] = useState<ErrorReport | null>(null);

  useEffect(
    () =>
      follow(
        'device.log',
        { device, lines: 200 },
        (news) => {
          setLines((known) => [...known, ...news.lines].slice(-MAX_LINES));
          setEnded(news.ended);
          setError(news.error);
        },
        { onRefused: setError, refresh: () => setLines([]) },
      ),
    [device],
  );

  if (error !== null) return <ErrorNotice compact title="Its log cannot be read" error={error} />;
  return (
    <>
      {lines.length > 0 && <LogView label={`Log of the agent on ${name}`} lines={lines} />}
      {lines.length === 0 && <p className="muted">{ended ? 'The log is empty.' : 'No lines yet.'}</p>}
    </>
  );
}
