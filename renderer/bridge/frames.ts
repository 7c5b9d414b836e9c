/** One reply of the host, a JSON text a message. */
import type { BridgeReply } from '../../main/core/bridge-messages.ts';

/** Undefined for what is not ours. */
export function readReply(text: string): BridgeReply | undefined {
  try {
    const reply = JSON.parse(text) as BridgeReply;
    return typeof reply.id === 'number' ? reply : undefined;
  } catch {
    return undefined;
  }
}
