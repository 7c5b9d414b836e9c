/**
 * The agent's connection to the server: opens it, proves the token, notices when it dies, and opens
 * it again, politely, until told to stop or out of time.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import WebSocket from 'ws';
import { CaduceusError } from '../core/errors.ts';
import { decodeFromServer, encodeMessage } from '../core/protocol/codec.ts';
import {
  CLOSE_DONE,
  CLOSE_EXPELLED,
  CLOSE_PROTOCOL,
  CLOSE_REFUSED,
  closeReason,
} from '../core/protocol/close-codes.ts';
import type { JoinTicket } from '../core/protocol/join-ticket.ts';
import { HEARTBEAT, Liveness } from '../core/protocol/liveness.ts';
import { PROTOCOL_VERSION, type ServerMessage, SUBPROTOCOL, type WorkerMessage } from '../core/protocol/messages.ts';
import { proofText } from '../core/protocol/proof.ts';
import { backOffMs } from './back-off.ts';
import { log } from './log.ts';
import { connectPinned, WrongCertificate } from './pinned-tls.ts';

export interface LinkEvents {
  /** May throw CAD-PROTOCOL: the connection then ends. */
  onMessage(message: ServerMessage): void;
  /** The connection is gone; another is on its way. */
  onLost(): void;
  /** There will be no other connection. */
  onGivenUp(why: 'refused' | 'unreachable', text: string): void;
}

const HANDSHAKE_MS = 10_000;
/** From the connection to the welcome. */
const WELCOME_MS = 10_000;
const RETRY_FOR_MS = 300_000;
/** The server answers a wrong token and a slow one alike, and an address can change hands: more than once is no accident. */
const MAX_REFUSALS = 3;
/** The largest model that Caduceus can train, with its header. */
const MAX_MESSAGE_BYTES = 2 ** 30 + 2 ** 20;
const MAX_FRAGMENTS = 16;
const FAREWELL_MS = 1000;
const NONCE_BYTES = 32;

export class Link {
  readonly #ticket: JoinTicket;
  readonly #events: LinkEvents;
  #webSocket: WebSocket | undefined;
  #attempts = 0;
  #refusals = 0;
  #lostAtMs = performance.now();
  #isOver = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(ticket: JoinTicket, events: LinkEvents) {
    this.#ticket = ticket;
    this.#events = events;
  }

  open(): void {
    const { url, certificate } = this.#ticket;
    const webSocket = new WebSocket(url, SUBPROTOCOL, {
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      maxFragments: MAX_FRAGMENTS,
      followRedirects: false,
      ...(certificate !== undefined && { createConnection: connectPinned(certificate, HANDSHAKE_MS) }),
    });
    this.#webSocket = webSocket;
    let broken: string | undefined;
    let hasAnswered = false;
    let isImpostor = false;
    const stopWatching = this.#watch(webSocket);
    const notWelcome = setTimeout(() => {
      broken = `no welcome within ${WELCOME_MS / 1000} s`;
      webSocket.terminate();
    }, HANDSHAKE_MS + WELCOME_MS);
    webSocket.on('message', (data: Buffer) => {
      try {
        const message = decodeFromServer(data);
        if (message.kind === 'welcome') {
          clearTimeout(notWelcome);
          this.#attempts = 0;
          this.#refusals = 0;
        }
        if (message.kind === 'challenge') {
          this.#answer(webSocket, message.nonce);
          hasAnswered = true;
        } else this.#events.onMessage(message);
      } catch (error) {
        if (!(error instanceof CaduceusError)) throw error;
        broken = error.message;
        webSocket.close(CLOSE_PROTOCOL, closeReason(error.message));
      }
    });
    webSocket.on('error', (error: NodeJS.ErrnoException) => {
      isImpostor = error instanceof WrongCertificate;
      broken ??= isImpostor ? error.message : (error.code ?? error.message);
    });
    webSocket.on('close', (code, reason) => {
      stopWatching();
      clearTimeout(notWelcome);
      const isRefusal = isImpostor || (hasAnswered && (code === CLOSE_REFUSED || code === CLOSE_PROTOCOL));
      if (isRefusal) this.#refusals += 1;
      this.#closed(
        code === CLOSE_EXPELLED || this.#refusals >= MAX_REFUSALS,
        broken ?? describe(code, reason.toString()),
      );
    });
  }

  send(message: WorkerMessage): void {
    const webSocket = this.#webSocket;
    if (webSocket?.readyState === WebSocket.OPEN) webSocket.send(encodeMessage(message));
  }

  /** Ends the connection in order and for good; resolves when it is closed, within a second. */
  close(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#retry);
    const webSocket = this.#webSocket;
    if (webSocket === undefined || webSocket.readyState === WebSocket.CLOSED) return Promise.resolve();
    return new Promise((resolve) => {
      const cut = setTimeout(() => webSocket.terminate(), FAREWELL_MS);
      webSocket.once('close', () => {
        clearTimeout(cut);
        resolve();
      });
      webSocket.close(CLOSE_DONE);
    });
  }

  #answer(webSocket: WebSocket, serverNonce: string): void {
    const { run, worker, token, certificate = '' } = this.#ticket;
    const protocol = PROTOCOL_VERSION;
    const nonce = randomBytes(NONCE_BYTES).toString('base64url');
    const text = proofText({ protocol, run, worker, serverNonce, clientNonce: nonce, certificate });
    const proof = createHmac('sha256', token).update(text).digest('base64url');
    webSocket.send(encodeMessage({ kind: 'hello', protocol, run, worker, nonce, proof }));
  }

  /** Pings the server and ends the connection when it has been silent too long. Returns how to stop. */
  #watch(webSocket: WebSocket): () => void {
    const timing = this.#ticket.heartbeat ?? HEARTBEAT;
    const liveness = new Liveness(timing, performance.now());
    const heard = (): void => liveness.heard(performance.now());
    let socket: Socket | undefined;
    webSocket.on('upgrade', (response) => (socket = response.socket));
    // Not before: the stream would start to flow past ws, which is not listening yet.
    webSocket.on('open', () => socket?.on('data', heard));
    const pings = setInterval(() => {
      if (webSocket.readyState === WebSocket.OPEN && webSocket.bufferedAmount === 0) webSocket.ping();
    }, timing.pingEveryMs);
    const check = (): void => {
      const nextMs = liveness.check(performance.now());
      if (nextMs === undefined) webSocket.terminate();
      else timer = setTimeout(check, Math.ceil(nextMs));
    };
    let timer = setTimeout(check, timing.deadAfterMs);
    return () => {
      clearInterval(pings);
      clearTimeout(timer);
    };
  }

  #closed(isUnwanted: boolean, why: string): void {
    this.#webSocket = undefined;
    if (this.#isOver) return;
    if (this.#attempts === 0) this.#lostAtMs = performance.now();
    this.#events.onLost();
    const { url, retryForMs = RETRY_FOR_MS } = this.#ticket;
    const waitMs = backOffMs(this.#attempts, Math.random());
    const isTooLate = performance.now() + waitMs > this.#lostAtMs + retryForMs;
    if (isUnwanted || isTooLate) {
      this.#isOver = true;
      this.#events.onGivenUp(isUnwanted ? 'refused' : 'unreachable', `${url}: ${why}`);
      return;
    }
    this.#attempts += 1;
    log(`no connection to ${url} (${why}); attempt ${this.#attempts + 1} in ${(waitMs / 1000).toFixed(1)} s`);
    this.#retry = setTimeout(() => this.open(), waitMs);
  }
}

function describe(code: number, reason: string): string {
  if (code === 1006) return 'the connection was lost';
  return `closed with ${code}${reason === '' ? '' : `, ${reason}`}`;
}
