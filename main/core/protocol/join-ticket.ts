/**
 * What an agent needs to join a run. It reaches the device as one line of JSON on the agent's
 * standard input, never as an argument or in the environment, where other users could read it.
 */
import { CaduceusError } from '../errors.ts';
import type { HeartbeatTiming } from './liveness.ts';
import { count, duration, fields, oneOf, optional, real, text, type Check } from './shape.ts';

/** How a device is held back to a share of one core. `description` is for people. */
export interface Throttle {
  /** `cgroup`: the kernel does it. `duty-cycle`: the agent sleeps after every training step. */
  kind: 'cgroup' | 'duty-cycle';
  /** Share of one core, 0 … 1. */
  speed: number;
  description: string;
}

export interface JoinTicket {
  /** `ws://host:port/` or `wss://…` */
  url: string;
  /** With `wss:` and only there: SHA-256 of the server's certificate, in lower-case hex. No other one will do. */
  certificate?: string;
  run: string;
  worker: string;
  token: string;
  /** Absent: the fastest that works. */
  engine?: 'tfjs-node' | 'wasm' | 'cpu';
  /** Mini-batch that the device's speed is measured with. */
  batch?: number;
  throttle?: Throttle;
  heartbeat?: HeartbeatTiming;
  /** Give up after this long without a connection. */
  retryForMs?: number;
}

/** Longer lines are refused unread. */
export const MAX_TICKET_BYTES = 8192;

const speed: Check = (value) => real(value) && (value as number) > 0 && (value as number) <= 1;
const url: Check = (value) => text(512)(value) && /^wss?:\/\/\S+$/.test(value as string);
const name: Check = (value) => text(128)(value) && value !== '';
const fingerprint: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isTicket = fields({
  url,
  certificate: optional(fingerprint),
  run: name,
  worker: name,
  token: name,
  engine: optional(oneOf('tfjs-node', 'wasm', 'cpu')),
  batch: optional((value) => count(value) && (value as number) > 0),
  throttle: optional(fields({ kind: oneOf('cgroup', 'duty-cycle'), speed, description: text(128) })),
  heartbeat: optional(fields({ pingEveryMs: duration, deadAfterMs: duration })),
  retryForMs: optional(duration),
});

/** @throws CAD-CONFIG when the line is no ticket; the error does not repeat the line, which holds a token. */
export function parseJoinTicket(line: string): JoinTicket {
  let ticket: unknown;
  try {
    ticket = JSON.parse(line);
  } catch {
    throw invalid('it is not JSON');
  }
  if (!isTicket(ticket)) throw invalid('a field is missing, unknown or out of its range');
  const { url: address, certificate } = ticket as JoinTicket;
  if (address.startsWith('wss:') !== (certificate !== undefined)) {
    throw invalid('a certificate belongs to a wss: address, and to no other');
  }
  return ticket as JoinTicket;
}

function invalid(complaint: string): CaduceusError {
  return new CaduceusError(
    'CAD-CONFIG',
    `the join ticket on standard input is not valid: ${complaint}`,
    'Let Caduceus start the agent: it writes the ticket.',
  );
}
