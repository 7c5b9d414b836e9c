/**
 * Messages to bytes and back.
 *
 * A frame is: version u8 · kind u8 · reserved u16 (0) · header length u32 · checksum u32, little endian ·
 * JSON header padded with spaces to a multiple of 4 · payload. Every length is checked before anything
 * is allocated; a frame that breaks a rule is CAD-PROTOCOL and concerns only the connection it came on.
 */
import { ENCODINGS } from '../compression/encoding.ts';
import { CaduceusError } from '../errors.ts';
import { type IterationSummary, PUSH_REASONS } from '../policy/policy.ts';
import { frameChecksum } from './checksum.ts';
import { PROTOCOL_VERSION } from './messages.ts';
import type { Message, MessageKind, ServerMessage, WorkerMessage } from './messages.ts';
import {
  type Check,
  count,
  dictionary,
  duration,
  fields,
  flag,
  isObject,
  oneOf,
  optional,
  protocolError,
  real,
  text,
} from './shape.ts';

export const PREAMBLE_BYTES = 12;
/** Where in the preamble the checksum is. */
const CHECKSUM_AT = 8;
/** A welcome carries a model's architecture; nothing else comes near this. */
export const MAX_HEADER_BYTES = 65_536;

/** A figure that can diverge. JSON has no word for a number that is none: it travels as null. */
const figure: Check = (value) => value === null || real(value);
const DIVERGING_FIGURES = ['loss', 'probeLoss', 'gradientNormSquared'] as const;

const iteration = fields({
  clock: count,
  steps: count,
  samples: count,
  batch: count,
  loss: figure,
  probeLoss: optional(figure),
  gradientNormSquared: optional(figure),
  computeMs: duration,
  waitMs: duration,
  notes: optional(dictionary(figure, 16)),
  pushReason: optional(oneOf(...PUSH_REASONS)),
});
const orders = fields({
  assignment: fields({
    samples: count,
    batch: count,
    epochs: count,
    commitPeriodMs: optional(duration),
    untilClock: optional(count),
  }),
  shard: fields({ start: count, length: count }),
});
const encoding = oneOf(...ENCODINGS);
const optionValue: Check = (value) => real(value) || flag(value) || text(200)(value);

/** Kind → its number on the wire and the check of its header. Numbers are never reused. */
const KINDS: Record<MessageKind, { number: number; payload: boolean; header: Check }> = {
  hello: {
    number: 1,
    payload: false,
    header: fields({ protocol: count, run: text(128), worker: text(128), nonce: text(128), proof: text(128) }),
  },
  ready: {
    number: 2,
    payload: false,
    header: fields({
      profile: fields({
        engine: text(64),
        cores: count,
        architecture: text(64),
        platform: text(64),
        memoryBytes: count,
        samplesPerSecond: optional(duration),
        throttle: optional(text(128)),
      }),
    }),
  },
  push: {
    number: 3,
    payload: true,
    header: fields({ sequence: count, baseVersion: count, waits: flag, iteration, encoding, pull: optional(count) }),
  },
  report: { number: 4, payload: false, header: fields({ sequence: count, iteration }) },
  flag: { number: 5, payload: false, header: fields({ sequence: count, iteration }) },
  'rows-wanted': { number: 6, payload: false, header: fields({ block: count }) },
  failed: { number: 7, payload: false, header: fields({ code: text(64), message: text(2000) }) },
  challenge: { number: 64, payload: false, header: fields({ nonce: text(128) }) },
  // The plan comes from the server that the worker chose to trust; its parts are checked where used.
  welcome: { number: 65, payload: false, header: fields({ incarnation: count, plan: isObject }) },
  model: {
    number: 66,
    payload: true,
    header: fields({
      version: count,
      answers: count,
      includes: count,
      orders,
      encoding,
      checksum: optional(text(8)),
    }),
  },
  release: { number: 67, payload: false, header: fields({ answers: count, orders }) },
  orders: { number: 71, payload: false, header: fields({ orders }) },
  options: { number: 72, payload: false, header: fields({ options: dictionary(optionValue, 64) }) },
  collect: { number: 68, payload: false, header: fields({}) },
  rows: { number: 69, payload: true, header: fields({ block: count, count }) },
  pause: { number: 73, payload: false, header: fields({}) },
  resume: { number: 74, payload: false, header: fields({}) },
  stop: { number: 70, payload: false, header: fields({ reason: text(2000) }) },
};

const BY_NUMBER = new Map(Object.entries(KINDS).map(([kind, rule]) => [rule.number, kind as MessageKind]));
const FROM_WORKER = new Set<MessageKind>(['hello', 'ready', 'push', 'report', 'flag', 'rows-wanted', 'failed']);

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** One frame, freshly allocated; the payload is copied into it. */
export function encodeMessage(message: Message): Uint8Array<ArrayBuffer> {
  const { kind, payload, ...header } = message as Message & { payload?: Uint8Array };
  const json = encoder.encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 4) * 4;
  const frame = new Uint8Array(PREAMBLE_BYTES + headerBytes + (payload?.length ?? 0));
  const view = new DataView(frame.buffer);
  view.setUint8(0, PROTOCOL_VERSION);
  view.setUint8(1, KINDS[kind].number);
  view.setUint32(4, headerBytes, true);
  frame.set(json, PREAMBLE_BYTES);
  frame.fill(0x20, PREAMBLE_BYTES + json.length, PREAMBLE_BYTES + headerBytes);
  if (payload) frame.set(payload, PREAMBLE_BYTES + headerBytes);
  return sealFrame(frame);
}

/** Writes the checksum of a frame into its place. */
export function sealFrame<Frame extends Uint8Array>(frame: Frame): Frame {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  view.setUint32(CHECKSUM_AT, frameChecksum(frame, CHECKSUM_AT), true);
  return frame;
}

/**
 * @throws CAD-PROTOCOL on a wrong version, a checksum that does not fit, unknown kind, oversize or malformed header, or a payload
 *   where none belongs. The payload of the result is a view into `frame`.
 */
export function decodeMessage(frame: Uint8Array): Message {
  if (frame.length < PREAMBLE_BYTES) throw protocolError(`a frame of ${frame.length} bytes has no room for a preamble`);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const version = view.getUint8(0);
  if (version !== PROTOCOL_VERSION) throw protocolError(`protocol version ${version}, expected ${PROTOCOL_VERSION}`);
  if (view.getUint32(CHECKSUM_AT, true) !== frameChecksum(frame, CHECKSUM_AT)) throw damaged(frame.length);
  const kind = BY_NUMBER.get(view.getUint8(1));
  if (kind === undefined) throw protocolError(`unknown message kind ${view.getUint8(1)}`);
  if (view.getUint16(2, true) !== 0) throw protocolError('reserved bits are set');
  const headerBytes = view.getUint32(4, true);
  const payloadStart = PREAMBLE_BYTES + headerBytes;
  if (headerBytes > MAX_HEADER_BYTES || headerBytes % 4 !== 0 || payloadStart > frame.length) {
    throw protocolError(`a ${kind} header of ${headerBytes} bytes in a frame of ${frame.length}`);
  }
  const rule = KINDS[kind];
  const header = parseHeader(frame.subarray(PREAMBLE_BYTES, payloadStart), kind);
  if (!rule.header(header)) throw protocolError(`the header of a ${kind} message has wrong fields`);
  if (!rule.payload && frame.length > payloadStart) throw protocolError(`a ${kind} message carries a payload`);
  const message = { kind, ...(header as object) } as Message;
  if ('iteration' in message) reviveFigures(message.iteration);
  return rule.payload ? ({ ...message, payload: frame.subarray(payloadStart) } as Message) : message;
}

function damaged(bytes: number): CaduceusError {
  return new CaduceusError(
    'CAD-PROTOCOL',
    `a frame of ${bytes} bytes was damaged on its way`,
    'Nothing: the worker connects again. If it goes on, look for a bad cable, adapter or memory.',
  );
}

/** Gives figures that travelled as null back what they were: not numbers. */
function reviveFigures(summary: IterationSummary): void {
  for (const name of DIVERGING_FIGURES) if (summary[name] === null) summary[name] = NaN;
  for (const [name, value] of Object.entries(summary.notes ?? {})) {
    if (value === null) (summary.notes as Record<string, number>)[name] = NaN;
  }
}

function parseHeader(bytes: Uint8Array, kind: MessageKind): unknown {
  try {
    return JSON.parse(decoder.decode(bytes)) as unknown;
  } catch {
    throw protocolError(`the header of a ${kind} message is not JSON`);
  }
}

/** As decodeMessage, and refuses kinds that only a server sends. */
export function decodeFromWorker(frame: Uint8Array): WorkerMessage {
  const message = decodeMessage(frame);
  if (!FROM_WORKER.has(message.kind)) throw protocolError(`a worker sent ${message.kind}`);
  return message as WorkerMessage;
}

/** As decodeMessage, and refuses kinds that only a worker sends. */
export function decodeFromServer(frame: Uint8Array): ServerMessage {
  const message = decodeMessage(frame);
  if (FROM_WORKER.has(message.kind)) throw protocolError(`the server sent ${message.kind}`);
  return message as ServerMessage;
}
