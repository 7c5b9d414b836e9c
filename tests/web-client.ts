/** A window without a browser: lets itself in and holds the other end of the WebSocket. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import type { Bridge } from '../main/core/api.ts';
import type { BridgeReply } from '../main/core/bridge-messages.ts';
import { bridgeOver } from '../main/control-plane/bridge-client.fixture.ts';

export interface Admitted {
  origin: string;
  cookie: string;
  key: string;
}

/** Exchanges the token of an address, as the page does. */
export async function letIn(address: string): Promise<Admitted> {
  const { origin, hash } = new URL(address);
  const answer = await fetch(`${origin}/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: origin },
    body: JSON.stringify({ token: hash.replace('#token=', '') }),
  });
  if (!answer.ok) throw new Error(`not let in: ${answer.status}`);
  const { key } = (await answer.json()) as { key: string };
  return { origin, key, cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

export async function openWindow(address: string): Promise<{ bridge: Bridge; socket: WebSocket }> {
  const { origin, cookie, key } = await letIn(address);
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api`, { headers: { Origin: origin, Cookie: cookie } });
  await once(socket, 'open');
  socket.send(JSON.stringify({ key }));
  await once(socket, 'message');
  const client = bridgeOver((request) => socket.send(JSON.stringify(request)));
  socket.on('message', (data: Buffer) => client.receive(JSON.parse(data.toString('utf8')) as BridgeReply));
  return { bridge: client.bridge, socket };
}

export interface RawAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Sends bytes as they are, and reads until the other side ends or says nothing more for a while. */
export async function raw(port: number, bytes: string | Buffer, patienceMs = 1000): Promise<RawAnswer> {
  const socket = connect({ host: '127.0.0.1', port });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => undefined);
  socket.setTimeout(patienceMs, () => socket.destroy());
  socket.write(bytes);
  await once(socket, 'close');
  const text = Buffer.concat(chunks).toString('latin1');
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  const [first = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status: Number(first.split(' ')[1] ?? 0), headers, body };
}
