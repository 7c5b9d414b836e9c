/**
 * One SSH handshake over a stream that is already there: key exchange, the verdict on the host key, authentication.
 * ssh2 takes any host key unless it is told otherwise, so there is no way through here without a verdict.
 */
import type { Duplex } from 'node:stream';
import { type AuthHandlerMiddleware, Client, type ConnectConfig, type ServerHostKeyAlgorithm } from 'ssh2';
import { CaduceusError } from '../../core/errors.ts';
import { algorithmsFromDebug, DroppedEarly, explainHandshake } from './algorithms.ts';
import { Connection } from './connection.ts';
import { type Hop, hopAddress, hopName } from './target.ts';

/** Until the key exchange is through, where nobody says otherwise. */
const KEY_EXCHANGE_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_MS = 10_000;
/** Keep-alives without an answer until the connection counts as lost: 30 s. */
const KEEP_ALIVE_MISSES = 3;
const MAX_BANNER_CHARACTERS = 8192;
const MAX_BANNERS = 16;

/** Who may prove to be whom: asked in this order, each exactly when it is due. */
export interface HandshakeGuard {
  /** `fail` ends the handshake at any moment. */
  begin?(fail: (error: Error) => void): void;
  /** It has ended, however. */
  end?(): void;
  /** Until the key exchange is through; 15 s when left out. */
  keyExchangeMs?: number;
  /** Key types to ask for first: those that are known of this machine. */
  keyTypes?: readonly ServerHostKeyAlgorithm[];
  /** Before anything of ours is sent. Throws what is wrong with the key. */
  verify(key: Buffer): void;
  /** The next method to try; false when there is none left. */
  next(methodsLeft: readonly string[] | null, hasPartialSuccess: boolean): Promise<ReturnedMethod>;
  /** Words of the server before authentication has ended: untrusted, capped. */
  onBanner?(text: string): void;
  /** Why no method was good enough. */
  refusal(cause: Error): CaduceusError;
}

export type ReturnedMethod = Parameters<Parameters<AuthHandlerMiddleware>[2]>[0] | false;

/**
 * @throws what `verify` threw; CAD-SSH-ALGORITHMS, CAD-SSH-AUTH, CAD-SSH-REACH, CAD-SSH-TIMEOUT
 */
export async function handshake(stream: Duplex, hop: Hop, guard: HandshakeGuard): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    const algorithms = algorithmsFromDebug();
    let verdict: Error | undefined;
    let isVerified = false;
    let banners = 0;
    let server = '';
    let methods: string[] | undefined;
    let isSettled = false;

    const fail = (error: Error): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      guard.end?.();
      reject(error);
      client.destroy();
      stream.destroy();
    };
    const { keyExchangeMs = KEY_EXCHANGE_TIMEOUT_MS } = guard;
    const timer = setTimeout(() => fail(tooSlow(hop, keyExchangeMs)), keyExchangeMs);

    client.on('error', (error: Error & { level?: string }) => {
      // A signature that one key could not give: the next method is tried already.
      if (error.level === 'agent') return;
      if (verdict !== undefined) return fail(verdict);
      if (!isVerified) return fail(explainHandshake(hop, error, algorithms));
      fail(guard.refusal(error));
    });
    client.on('close', () => fail(verdict ?? (isVerified ? guard.refusal(closedEarly()) : new DroppedEarly(hop))));
    client.on('handshake', () => clearTimeout(timer));
    client.on('banner', (text: string) => {
      if (++banners <= MAX_BANNERS) guard.onBanner?.(text.slice(0, MAX_BANNER_CHARACTERS));
    });
    client.on('ready', () => {
      if (isSettled) return;
      isSettled = true;
      guard.end?.();
      client.removeAllListeners('error').removeAllListeners('close').removeAllListeners('banner');
      resolve(new Connection(client, stream, hopName(hop), server));
    });

    const config: ConnectConfig = {
      sock: stream,
      username: hop.user,
      readyTimeout: 0,
      keepaliveInterval: KEEP_ALIVE_MS,
      keepaliveCountMax: KEEP_ALIVE_MISSES,
      agentForward: false,
      // The guard bounds each step; its verdict is always given before the service request.
      hostVerifier: (key: Buffer): boolean => {
        try {
          guard.verify(key);
          isVerified = true;
        } catch (error) {
          verdict = error as Error;
        }
        return verdict === undefined;
      },
      authHandler: (methodsLeft, hasPartialSuccess, next) => {
        guard.next(methods ?? methodsLeft, hasPartialSuccess).then(
          (method) => {
            if (!isSettled) next(method as Parameters<typeof next>[0]);
          },
          (error: Error) => fail(error),
        );
      },
      debug: (message) => {
        algorithms.read(message);
        methods = methodsFromDebug(message) ?? methods;
        server = serverFromDebug(message) ?? server;
      },
    };
    if (guard.keyTypes !== undefined) config.algorithms = { serverHostKey: [...guard.keyTypes] };
    stream.on('error', () => undefined);
    guard.begin?.(fail);
    if (!isSettled) client.connect(config);
  });
}

/** ssh2 does not pass on what the server still accepts after a key of an agent was only part of what it wants. */
function methodsFromDebug(message: string): string[] | undefined {
  return /^Inbound: Received USERAUTH_FAILURE \((.{0,500})\)$/.exec(message)?.[1]?.split(',');
}

function serverFromDebug(message: string): string | undefined {
  return /^Remote ident: 'SSH-[\d.]+-(.{0,200})'$/.exec(message)?.[1];
}

function tooSlow(hop: Hop, afterMs: number): CaduceusError {
  return new CaduceusError(
    'CAD-SSH-TIMEOUT',
    `${hopAddress(hop)} took longer than ${afterMs / 1000} s for the key exchange`,
    'Something answers there, but hardly: look at the load of the device and its network.',
  );
}

function closedEarly(): Error {
  return new Error('the server ended the connection');
}
