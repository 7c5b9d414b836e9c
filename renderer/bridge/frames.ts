/** What crosses the WebSocket, one JSON text a message. `id` is chosen by the window. */
import type { Answer } from '../../main/core/api.ts';
import type { ErrorReport } from '../../main/core/errors.ts';

export type Request =
  | { id: number; call: string; input: unknown }
  | { id: number; subscribe: string; params: unknown }
  | { id: number; unsubscribe: true };

export type Reply =
  | { id: number; kind: 'answer'; answer: Answer<unknown> }
  | { id: number; kind: 'message'; payload: unknown }
  | { id: number; kind: 'end'; error?: ErrorReport };

/** Undefined for what is not ours. */
export function readReply(text: string): Reply | undefined {
  try {
    const reply = JSON.parse(text) as Reply;
    return typeof reply.id === 'number' ? reply : undefined;
  } catch {
    return undefined;
  }
}
