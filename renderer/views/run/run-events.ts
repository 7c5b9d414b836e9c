/** What happened in a run, in order: incidents, changed allocations, and the pushes of a gate that rarely opens. */
import type { EventPoint, GatePoint, Picture } from '../../../main/core/live/picture.ts';
import { kept } from '../../../main/core/live/thinned.ts';
import type { PushReason } from '../../../main/core/policy/policy.ts';
import { count, decimal, figure, percent, plural } from '../../../main/core/display/format.ts';
import type { IconName } from '../../components/icon.tsx';
import type { Tone } from '../../components/status-dot.tsx';
import { validations } from './run-figures.ts';
import { type AllocationChange, allocationChanges } from './run-lines.ts';

const US = 1e6;
/** Of each kind by itself: a policy that changes what it gave every second must not drive out that a worker was lost. */
const MAX_OF_KIND = 300;
/** More pushes than these would drown everything else: they are then told only to whoever asks for pushes. */
const MAX_PUSH_EVENTS = 80;

export type EventKind = 'incident' | 'allocation' | 'push';

export interface RunEvent {
  key: string;
  seconds: number;
  kind: EventKind;
  worker: string | null;
  icon: IconName;
  /** Said for the icon. */
  word: string;
  tone: Tone;
  text: string;
  /** In a few words, where there is a line for it beside a mark. */
  short?: string;
  /** Drawn as a line in the charts. */
  isMark: boolean;
}

/** Newest first. */
export function runEvents(picture: Picture): RunEvent[] {
  const first = picture.events.count - picture.events.items.length;
  const incidents = picture.events.items.map((event, index) => incident(event, first + index));
  return newest([...incidents, ...allocationChanges(picture).map(allocation), ...pushes(picture)]);
}

/** What is looked at, of those about one worker when there is one: pushes among the rest only where they are few. */
export function eventsOf(events: readonly RunEvent[], kind: EventKind | 'all', worker: string | null): RunEvent[] {
  const arePushesRare = events.filter((event) => event.kind === 'push').length < MAX_PUSH_EVENTS;
  return events.filter(
    (event) =>
      (kind === 'all' ? event.kind !== 'push' || arePushesRare : event.kind === kind) &&
      (worker === null || event.worker === null || event.worker === worker),
  );
}

/** Why there is nothing to list: pushes that no gate decides on are no events, but they are there. */
export function noEvents(kind: EventKind | 'all', { sums }: Picture): string {
  if (kind === 'push' && sums.pushes > 0)
    return `${plural(sums.pushes, 'push', 'pushes')}, none of them by a gate that says why.`;
  return kind === 'all' ? 'Nothing has happened yet.' : 'Nothing of this kind has happened.';
}

function newest(events: RunEvent[]): RunEvent[] {
  const kinds = new Map<EventKind, number>();
  return events
    .sort((left, right) => right.seconds - left.seconds)
    .filter(({ kind }) => {
      const before = kinds.get(kind) ?? 0;
      kinds.set(kind, before + 1);
      return before < (kind === 'push' ? MAX_PUSH_EVENTS : MAX_OF_KIND);
    });
}

const INCIDENTS: { readonly [W in EventPoint['what']]: { icon: IconName; word: string; tone: Tone } } = {
  started: { icon: 'play', word: 'Started', tone: 'neutral' },
  joined: { icon: 'plus', word: 'Joined', tone: 'good' },
  rejoined: { icon: 'plus', word: 'Came back', tone: 'good' },
  lost: { icon: 'cross', word: 'Lost', tone: 'bad' },
  left: { icon: 'stop', word: 'Left', tone: 'neutral' },
  added: { icon: 'plus', word: 'Added', tone: 'neutral' },
  options: { icon: 'settings', word: 'Options changed', tone: 'neutral' },
  rejected: { icon: 'warning', word: 'Rejected', tone: 'warn' },
  paused: { icon: 'pause', word: 'Paused', tone: 'neutral' },
  resumed: { icon: 'play', word: 'Resumed', tone: 'neutral' },
  target: { icon: 'check', word: 'Target reached', tone: 'good' },
  checkpoint: { icon: 'download', word: 'Checkpoint', tone: 'neutral' },
  stopped: { icon: 'stop', word: 'Stopped', tone: 'neutral' },
  'worker-failed': { icon: 'cross', word: 'Worker failed', tone: 'bad' },
};

/** What a worker did, before the words of the record. */
const DID: { readonly [W in EventPoint['what']]?: string } = {
  joined: 'joined',
  rejoined: 'came back',
  lost: 'was lost',
  added: 'was added',
  rejected: 'was rejected',
  'worker-failed': 'failed',
};

const UNMARKED: ReadonlySet<EventPoint['what']> = new Set(['started', 'joined', 'checkpoint']);

function incident({ atUs, what, worker, text, level }: EventPoint, number: number): RunEvent {
  const look = Object.hasOwn(INCIDENTS, what)
    ? INCIDENTS[what]
    : { icon: 'info' as const, word: what, tone: 'neutral' as const };
  return {
    key: `incident-${number}`,
    seconds: atUs / US,
    kind: 'incident',
    worker,
    ...look,
    tone: level === 'error' ? 'bad' : level === 'warning' && look.tone !== 'bad' ? 'warn' : look.tone,
    text: worker === null || text.includes(worker) ? text : `${worker} ${DID[what] ?? 'said'}: ${text}`,
    short: worker === null ? look.word.toLowerCase() : `${worker} ${look.word.toLowerCase().replace(/^worker /, '')}`,
    isMark: !UNMARKED.has(what),
  };
}

function allocation({ worker, seconds, samples, batch, reason }: AllocationChange, number: number): RunEvent {
  const changes = [
    ...(batch[0] === batch[1] ? [] : [`batch ${count(batch[0])} → ${count(batch[1])}`]),
    ...(samples[0] === samples[1] ? [] : [`data set ${count(samples[0])} → ${count(samples[1])}`]),
  ];
  const grew = samples[1] * batch[1] >= (samples[0] ?? 0) * (batch[0] ?? 0);
  return {
    // While a run is paused its clock stands still: a time is not the only one of its kind.
    key: `allocation-${worker}-${seconds}-${number}`,
    seconds,
    kind: 'allocation',
    worker,
    icon: grew ? 'up' : 'down',
    word: grew ? 'Given more' : 'Given less',
    tone: 'busy',
    text: `${worker}: ${changes.join(', ')}${reason === '' ? '' : `: ${reason}`}`,
    isMark: true,
  };
}

function pushes(picture: Picture): RunEvent[] {
  const judged = validations(picture);
  const all = picture.workers.flatMap(({ name, gatePushes }) => kept(gatePushes).map((point) => ({ name, point })));
  const latest = all.sort((left, right) => right.point.atUs - left.point.atUs).slice(0, MAX_PUSH_EVENTS);
  return latest.map(({ name, point }) => {
    const after = judged.find(({ atUs }) => atUs >= point.atUs);
    const accuracy = after?.accuracy ?? null;
    return {
      key: `push-${name}-${point.clock}-${point.atUs}`,
      seconds: point.atUs / US,
      kind: 'push' as const,
      worker: name,
      icon: 'arrow' as const,
      word: 'Pushed',
      tone: 'neutral' as const,
      text: `${name} pushed with its iteration ${count(point.clock)}${why(point)}${accuracy === null ? '' : `; the model was then right on ${percent(accuracy)}`}`,
      isMark: false,
    };
  });
}

/** Why it pushed; of records that do not say, only what the gate saw. */
function why({ z, threshold, reason }: GatePoint): string {
  if (reason !== null && reason !== 'significant') return `, ${REASONS[reason]}`;
  if (z === null) return '';
  if (threshold === null) return `: z ${signed(z)}`;
  return z <= threshold
    ? `: z ${signed(z)} ≤ ${signed(threshold)}`
    : `: z ${signed(z)}, threshold ${signed(threshold)}`;
}

const REASONS: Record<Exclude<PushReason, 'significant'>, string> = {
  silence: 'having been as long without a push as is allowed',
  chance: 'by chance',
  period: 'as its period was over',
  asked: 'as the server asked',
  diverged: 'as it had diverged',
};

function signed(value: number): string {
  return Math.abs(value) < 10 ? decimal(value, 2) : figure(value);
}
