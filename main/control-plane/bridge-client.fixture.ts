/** The window's half of a bridge, for tests: numbers requests and hands replies to who waits for them. */
import type { Answer, Bridge } from '../core/api.ts';
import type { BridgeReply, BridgeRequest } from '../core/bridge-messages.ts';
import type { ErrorReport } from '../core/errors.ts';

export interface BridgeClient {
  bridge: Bridge;
  receive(reply: BridgeReply): void;
}

export function bridgeOver(send: (request: BridgeRequest) => void): BridgeClient {
  const calls = new Map<number, (answer: Answer<never>) => void>();
  const subscriptions = new Map<
    number,
    { next(payload: never): void; end?: (error: ErrorReport | undefined) => void }
  >();
  let nextId = 1;
  const bridge: Bridge = {
    call: (call, input) =>
      new Promise((resolve) => {
        const id = nextId++;
        calls.set(id, resolve);
        send({ id, call, input });
      }),
    subscribe: (subscribe, params, next, end) => {
      const id = nextId++;
      subscriptions.set(id, { next, ...(end && { end }) });
      send({ id, subscribe, params });
      return () => {
        if (subscriptions.delete(id)) send({ id, unsubscribe: true });
      };
    },
    handOver: () => Promise.reject(new Error('files are fetched by their tests')),
  };
  return {
    bridge,
    receive(reply) {
      if (reply.kind === 'answer') {
        calls.get(reply.id)?.(reply.answer as Answer<never>);
        calls.delete(reply.id);
      } else if (reply.kind === 'message') {
        subscriptions.get(reply.id)?.next(reply.payload as never);
      } else {
        const subscription = subscriptions.get(reply.id);
        subscriptions.delete(reply.id);
        subscription?.end?.(reply.error);
      }
    },
  };
}
