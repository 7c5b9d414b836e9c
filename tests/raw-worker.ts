/** A worker's end of the protocol without a worker: says what a test wants said. */
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { decodeFromServer, encodeMessage } from '../main/core/protocol/codec.ts';
import {
  type Message,
  type MessageKind,
  PROTOCOL_VERSION,
  type ServerMessage,
  SUBPROTOCOL,
  type WorkerMessage,
} from '../main/core/protocol/messages.ts';
import { proofText } from '../main/core/protocol/proof.ts';
import { eventually, RUN } from './tiny-run.ts';

export interface Closing {
  code: number;
  reason: string;
}

export interface Identity {
  worker: string;
  token: string;
  run?: string;
  protocol?: number;
  /** Of the server, as this worker saw it. */
  certificate?: string;
}

export class RawWorker {
  readonly webSocket: WebSocket;
  readonly received: ServerMessage[] = [];
  readonly closed: Promise<Closing>;
  #socket: Socket | undefined;

  constructor(url: string, options: WebSocket.ClientOptions = {}) {
    this.webSocket = new WebSocket(url, SUBPROTOCOL, { perMessageDeflate: false, ...options });
    this.webSocket.on('message', (data: Buffer) => this.received.push(decodeFromServer(data)));
    this.webSocket.on('error', () => undefined); // 'close' follows
    this.webSocket.on('upgrade', ({ socket }) => (this.#socket = socket));
    this.closed = new Promise((resolve) => {
      this.webSocket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    onTestFinished(() => this.webSocket.terminate());
  }

  /** Admitted and welcomed. */
  static async join(url: string, identity: Identity): Promise<RawWorker> {
    const worker = new RawWorker(url);
    await worker.hello(identity);
    await worker.hears('welcome');
    return worker;
  }

  /** Admitted, welcomed and ready to train. */
  static async ready(url: string, identity: Identity): Promise<RawWorker> {
    const worker = await RawWorker.join(url, identity);
    const profile = { engine: 'none', cores: 1, architecture: 'none', platform: 'none', memoryBytes: 1 };
    worker.say({ kind: 'ready', profile });
    return worker;
  }

  /** Bytes that came from the server, upgrade included. */
  get bytesRead(): number {
    return this.#socket?.bytesRead ?? 0;
  }

  async nonce(): Promise<string> {
    return (await this.hears('challenge')).nonce;
  }

  async hello(
    identity: Identity,
    change: (hello: WorkerMessage & { kind: 'hello' }) => void = () => undefined,
  ): Promise<void> {
    const message = helloFor(identity, await this.nonce());
    change(message);
    this.say(message);
  }

  say(message: Message): void {
    this.webSocket.send(encodeMessage(message));
  }

  /** Bytes onto the socket, past the WebSocket library. */
  raw(bytes: Buffer): void {
    this.#socket?.write(bytes);
  }

  async hears<Kind extends MessageKind>(kind: Kind): Promise<ServerMessage & { kind: Kind }> {
    let found: ServerMessage | undefined;
    await eventually(
      () => (found = this.received.find((message) => message.kind === kind)) !== undefined,
      () => this.received.map((message) => message.kind),
    );
    return found as ServerMessage & { kind: Kind };
  }

  /** True when the server still answers on this connection. */
  async isServed(): Promise<boolean> {
    if (this.webSocket.readyState !== WebSocket.OPEN) return false;
    this.webSocket.ping();
    return Promise.race([once(this.webSocket, 'pong').then(() => true), this.closed.then(() => false)]);
  }
}

export function helloFor(
  { worker, token, run = RUN, protocol = PROTOCOL_VERSION, certificate = '' }: Identity,
  serverNonce: string,
) {
  const nonce = randomBytes(32).toString('base64url');
  const text = proofText({ protocol, run, worker, serverNonce, clientNonce: nonce, certificate });
  const proof = createHmac('sha256', token).update(text).digest('base64url');
  return { kind: 'hello' as const, protocol, run, worker, nonce, proof };
}
