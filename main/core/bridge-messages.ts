/**
 * What crosses a bridge, as JSON values. The window chooses the numbers; a number names one call or one
 * subscription of a connection and is not used again.
 */
import type { Answer } from './api.ts';
import type { ErrorReport } from './errors.ts';

export type BridgeRequest =
  | { id: number; call: string; input: unknown }
  | { id: number; subscribe: string; params: unknown }
  | { id: number; unsubscribe: true };

export type BridgeReply =
  | { id: number; kind: 'answer'; answer: Answer<unknown> }
  | { id: number; kind: 'message'; payload: unknown }
  /** The subscription is over; with an error when it was refused or broke. */
  | { id: number; kind: 'end'; error?: ErrorReport };

/** Undefined for whatever is no request. Nothing of an unknown value is trusted but what is read here. */
export function readRequest(value: unknown): BridgeRequest | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const own = (key: string): unknown =>
    Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  const id = own('id');
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0) return undefined;
  const [call, channel] = [own('call'), own('subscribe')];
  if (typeof call === 'string') return { id, call, input: own('input') };
  if (typeof channel === 'string') return { id, subscribe: channel, params: own('params') };
  return own('unsubscribe') === true ? { id, unsubscribe: true } : undefined;
}
