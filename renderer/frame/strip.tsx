/** The line on top of every screen that answers: is it all right? It never moves. */
import { useEffect, useState, type ReactNode } from 'react';
import type { RunListItem } from '../../main/core/api.ts';
import { bytes, decimal, percent, seconds, UNKNOWN } from '../../main/core/display/format.ts';
import { Icon } from '../components/icon.tsx';
import { StatusDot } from '../components/status-dot.tsx';
import { load } from '../state/app.ts';
import { ask, bridge, follow } from '../state/control-plane.ts';
import { inventory } from '../state/devices.ts';
import { useNow } from '../state/now.ts';
import { PulseFold, type Pulse } from '../state/pulse.ts';
import { href } from '../state/route.ts';
import { liveRun, runsState } from '../state/runs.ts';
import { useStore } from '../state/store.ts';
import { JobsMenu } from './jobs-menu.tsx';
import { paletteOpen } from './palette.tsx';
import { keysInWords } from './shortcuts.ts';
import './strip.css';

export function Strip() {
  const run = liveRun(useStore(runsState));
  const connection = useStore(bridge().connection);
  return (
    <header className="strip" aria-label="State" data-stale={connection.state === 'lost' || undefined}>
      {run === undefined ? <Idle isKnown={connection.state !== 'lost'} /> : <Training key={run.run} run={run} />}
      <div className="strip-end">
        <JobsMenu />
        {connection.state === 'lost' ? <Lost since={connection.since} /> : <ServerLoad />}
        <button type="button" className="strip-find" onClick={() => paletteOpen.set(true)}>
          <Icon name="search" size={14} label="Find a command" />
          <kbd>{keysInWords('Mod+K')}</kbd>
        </button>
      </div>
    </header>
  );
}

function Idle({ isKnown }: { isKnown: boolean }) {
  const devices = useStore(inventory).devices ?? [];
  const number = (...states: string[]): number => devices.filter(({ state }) => states.includes(state)).length;
  const parts: [number, string, string?][] = [
    [number('ready'), 'ready'],
    [number('deploying'), 'deploying'],
    [number('needs-you'), devices.length === 1 ? 'needs you' : 'need you', 'tone-warn'],
    [number('failed'), 'failed', 'tone-bad'],
    [number('offline'), 'offline', 'tone-bad'],
  ];
  const deploying = number('deploying', 'needs-you') > 0;
  return (
    <>
      <span className="strip-state">
        {isKnown ? (
          <StatusDot tone={deploying ? 'busy' : 'neutral'} word={deploying ? 'Deploying' : 'Idle'} live={deploying} />
        ) : (
          <StatusDot tone="neutral" icon="question" word="Unknown" />
        )}
      </span>
      {parts
        .filter(([count]) => count > 0)
        .map(([count, word, tone]) => (
          <Part key={word} value={String(count)} tone={tone}>
            {word}
          </Part>
        ))}
    </>
  );
}

function Training({ run }: { run: RunListItem }) {
  const pulse = usePulse(run.run);
  const paused = run.status === 'paused';
  const saved = pulse?.saved ?? null;
  return (
    <>
      <a className="strip-state" href={href('runs', run.run)} title={run.name ?? run.run}>
        <StatusDot
          tone={paused ? 'neutral' : 'good'}
          icon={paused ? 'pause' : 'play'}
          word={paused ? 'Paused' : 'Training'}
        />
        <span className="muted">{pulse === null ? '' : whole(Math.floor(pulse.atUs / 1e6))}</span>
      </a>
      <span className="strip-group">
        {paused ? (
          <Part value={pulse === null ? UNKNOWN : String(pulse.training + pulse.waiting)}>held</Part>
        ) : (
          <>
            <Part value={pulse === null ? UNKNOWN : String(pulse.training)}>training</Part>
            <Part value={pulse === null ? UNKNOWN : String(pulse.waiting)}>waiting</Part>
          </>
        )}
        <Part
          value={pulse === null ? UNKNOWN : String(pulse.lost)}
          tone={pulse !== null && pulse.lost > 0 ? 'tone-bad' : undefined}
        >
          lost
        </Part>
      </span>
      <Part value={paused ? UNKNOWN : decimal(pulse?.samplesPerSecond)}>samples/s</Part>
      <Part
        value={percent(saved === null ? null : Math.abs(saved))}
        title="Against BSP in float32, one push and one pull an iteration"
      >
        {saved !== null && saved < 0 ? 'more bytes' : 'bytes saved'}
      </Part>
    </>
  );
}

/** Without the tenths that nobody can read while they run. */
function whole(value: number): string {
  return value < 100 ? `${value}\u00a0s` : seconds(value);
}

function Part({
  value,
  children,
  tone,
  title,
}: {
  value: string;
  children: ReactNode;
  tone?: string | undefined;
  title?: string;
}) {
  return (
    <span className={`strip-part ${tone ?? ''}`} title={title}>
      <b>{value}</b> <span>{children}</span>
    </span>
  );
}

function ServerLoad() {
  const now = useStore(load);
  return (
    <span className="strip-part strip-load" title="How late the server’s own callbacks are, and its memory">
      <span>server</span> <b>{now === null ? UNKNOWN : bytes(now.memoryBytes)}</b>
      <span> · loop p99 </span>
      <b className={now !== null && now.delayMs.p99 > 100 ? 'tone-warn' : undefined}>
        {now === null ? UNKNOWN : `${decimal(now.delayMs.p99, now.delayMs.p99 < 10 ? 1 : 0)} ms`}
      </b>
    </span>
  );
}

/** What is shown is as old as the last word of the other side. */
function Lost({ since }: { since: number }) {
  const silentMs = Math.max(0, useNow() - since);
  return (
    <span className="strip-lost" role="status">
      <Icon name="offline" size={14} />
      {since === 0 ? 'Not connected' : `Connection lost, last update ${whole(Math.floor(silentMs / 1000))} ago`}
    </span>
  );
}

/** Renewed at most four times a second. */
const EVERY_MS = 250;

function usePulse(run: string): Pulse | null {
  const [pulse, setPulse] = useState<Pulse | null>(null);
  useEffect(() => {
    let fold: PulseFold | null = null;
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        if (fold !== null) setPulse(fold.pulse);
      }, EVERY_MS);
    };
    const open = (): void => {
      fold = null;
      void ask('runs.open', { run }).then((answer) => {
        if (!current || !answer.ok) return;
        fold = new PulseFold();
        fold.open(answer.value);
        show();
      });
    };
    const stop = follow(
      'run',
      { run },
      (message) => {
        if (fold?.take(message) === false) open();
        else show();
      },
      { refresh: open },
    );
    return () => {
      current = false;
      clearTimeout(timer);
      stop();
    };
  }, [run]);
  return pulse;
}
