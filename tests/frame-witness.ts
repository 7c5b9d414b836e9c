/**
 * Reads recorded WebSocket streams (RFC 6455, written anew from the standard) and adds up, by message
 * kind, the bytes on the wire. Knows of Caduceus only that a message's second byte is its kind.
 */
import type { Direction } from '../scripts/testbed/fault-proxy.ts';

const CATEGORY_OF_KIND = new Map([
  [3, 'update'],
  [6, 'data'],
  [66, 'model'],
  [69, 'data'],
] as const);

type Counts = Record<'model' | 'update' | 'data' | 'control', number>;

export class FrameWitness {
  readonly #streams = new Map<string, Buffer[]>();

  readonly tap = (connection: number, direction: Direction, bytes: Buffer): void => {
    const key = `${connection} ${direction}`;
    const stream = this.#streams.get(key) ?? [];
    this.#streams.set(key, stream);
    stream.push(Buffer.from(bytes));
  };

  /** What is in no whole message (upgrade, control frames, a message cut short) is control. */
  counts(): Counts {
    const counts: Counts = { model: 0, update: 0, data: 0, control: 0 };
    for (const parts of this.#streams.values()) countStream(Buffer.concat(parts), counts);
    return counts;
  }
}

function countStream(stream: Buffer, counts: Counts): void {
  let place = stream.indexOf('\r\n\r\n') + 4;
  if (place < 4) place = stream.length;
  counts.control += place;
  while (place < stream.length) {
    const end = frameEnd(stream, place);
    if (end === undefined) {
      counts.control += stream.length - place;
      return;
    }
    counts[categoryAt(stream, place)] += end - place;
    place = end;
  }
}

function headerLength(stream: Buffer, place: number): number {
  const second = stream[place + 1] ?? 0;
  const short = second & 0x7f;
  return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0);
}

function frameEnd(stream: Buffer, place: number): number | undefined {
  if (place + 2 > stream.length) return undefined;
  const header = headerLength(stream, place);
  if (place + header > stream.length) return undefined;
  const short = (stream[place + 1] as number) & 0x7f;
  const length =
    short === 126 ? stream.readUInt16BE(place + 2) : short === 127 ? Number(stream.readBigUInt64BE(place + 2)) : short;
  const end = place + header + length;
  return end <= stream.length ? end : undefined;
}

function categoryAt(stream: Buffer, place: number): keyof Counts {
  const isBinary = ((stream[place] as number) & 0x0f) === 2;
  if (!isBinary) return 'control';
  const body = place + headerLength(stream, place);
  const isMasked = ((stream[place + 1] as number) & 0x80) !== 0;
  const kind = (stream[body + 1] as number) ^ (isMasked ? (stream[body - 3] as number) : 0);
  return (CATEGORY_OF_KIND as Map<number, keyof Counts>).get(kind) ?? 'control';
}
