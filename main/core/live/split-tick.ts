/** A tick in parts that are each small enough to send; merged one after the other they are the tick. */
import { noBuckets } from './buckets.ts';
import { noneNewest } from './newest.ts';
import { emptyPicture } from './picture-fold.ts';
import type { Tick } from './picture.ts';
import { RUN_COLUMNS } from './picture.ts';
import { noneThinned } from './thinned.ts';

/** Of one message, as JSON in UTF-8. */
export const MAX_TICK_BYTES = 256 * 1024;

const EVENTS_A_PART = 100;

export interface TickPart {
  tick: Tick;
  /** The part as it is sent. */
  json: string;
}

export function splitTick(tick: Tick, limit = MAX_TICK_BYTES): TickPart[] {
  const whole = part(tick);
  if (bytesOf(whole.json) <= limit) return [whole];
  const parts = [
    part({ ...tick, events: noneNewest(), workers: [] }),
    ...eventChunks(tick.events).map((events) => part({ ...nothingAt(tick), events })),
  ];
  let workers: Tick['workers'] = [];
  let bytes = 0;
  const envelope = bytesOf(part(nothingAt(tick)).json);
  const finish = (): void => {
    if (workers.length > 0) parts.push(part({ ...nothingAt(tick), workers }));
    workers = [];
    bytes = 0;
  };
  for (const worker of tick.workers) {
    const own = bytesOf(JSON.stringify(worker)) + 1;
    if (envelope + bytes + own > limit) finish();
    workers.push(worker);
    bytes += own;
  }
  finish();
  return parts;
}

/** Events that are not among the items any more are counted with the first. */
function eventChunks({ count, items }: Tick['events']): Tick['events'][] {
  const chunks: Tick['events'][] = [];
  for (let start = 0; start < items.length; start += EVENTS_A_PART) {
    const own = items.slice(start, start + EVENTS_A_PART);
    chunks.push({ count: own.length + (start === 0 ? count - items.length : 0), items: own });
  }
  return chunks;
}

function part(tick: Tick): TickPart {
  return { tick, json: JSON.stringify(tick) };
}

/** Nothing, at the same moment: every part makes buckets equally wide. */
function nothingAt({ atUs, time }: Tick): Tick {
  return {
    ...emptyPicture(),
    atUs,
    time: noBuckets(RUN_COLUMNS, time.widthUs),
    evaluations: noneThinned(),
    traffic: noneThinned(),
  };
}

/** In UTF-8, without an encoder. */
function bytesOf(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) bytes += unit > 0x7ff ? 2 : 1;
  }
  return bytes;
}
