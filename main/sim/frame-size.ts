/**
 * How many bytes a message is on the wire, framing included, without encoding it: the same number as
 * the codec's frame and the accounting's framing, for a thousandth of the work when the payload is a
 * model.
 */
import { type Direction, framingBytes } from '../core/accounting.ts';
import { PREAMBLE_BYTES } from '../core/protocol/codec.ts';
import type { Message, ServerMessage } from '../core/protocol/messages.ts';

export function frameBytes(message: Message, direction: Direction, payloadBytes: number): number {
  const { kind: _kind, payload: _payload, ...header } = message as Message & { payload?: Uint8Array };
  const headerBytes = Math.ceil(utf8Bytes(JSON.stringify(header)) / 4) * 4;
  const messageBytes = PREAMBLE_BYTES + headerBytes + payloadBytes;
  return messageBytes + framingBytes(messageBytes, direction);
}

/** Bytes of a message's own payload. */
export function ownPayloadBytes(message: Message): number {
  return 'payload' in message ? message.payload.length : 0;
}

/** From which side a message of this kind comes. */
export function directionOf(message: Message): Direction {
  return SERVER_KINDS.has(message.kind) ? 'down' : 'up';
}

const SERVER_KINDS: ReadonlySet<Message['kind']> = new Set<ServerMessage['kind']>([
  'challenge',
  'welcome',
  'model',
  'orders',
  'options',
  'release',
  'collect',
  'pause',
  'resume',
  'rows',
  'stop',
]);

function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    // Two units of a surrogate pair make four bytes together.
    if (unit >= 0x80) bytes += unit >= 0x800 && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
