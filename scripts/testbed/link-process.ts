/**
 * A process in a device's network, outside its processes and its CPU quota: all TCP connections of the
 * device go through it and take their time. Firewall rules send them here; the kernel's table of
 * connections knows where they wanted to go. Argument: the latency of one way in milliseconds.
 */
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { type Endpoint, FaultProxy } from './fault-proxy.ts';
import { FROM_DEVICE_PORT, TO_DEVICE_PORT } from './slow-link.ts';

const CONNECTIONS = '/proc/self/net/nf_conntrack';

const latencyMs = Number(process.argv[2]);
const shape = { up: { latencyMs }, down: { latencyMs } };
// The handshake's round trip: the client's end is done at once, so the server's begins later.
const connectAfterMs = 2 * latencyMs;
for (const port of [TO_DEVICE_PORT, FROM_DEVICE_PORT]) {
  await FaultProxy.start(wantedBy, { listen: { host: '0.0.0.0', port }, shape, connectAfterMs });
}
console.log('ready');

/** The first half of the kernel's entry is the connection as its opener meant it. */
function wantedBy({ remoteAddress, remotePort }: Socket): Endpoint | undefined {
  const opener = new RegExp(` src=${remoteAddress} dst=(\\S+) sport=${remotePort} dport=(\\d+) src=`);
  const [, host, port] = opener.exec(readFileSync(CONNECTIONS, 'utf8')) ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}
