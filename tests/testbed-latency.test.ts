/** Links of the test bed that take their time: both ways, for every connection, without being in anybody's way. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dropTo, mute, rejectTo } from '../scripts/testbed/faults/network.ts';
import { canSlowLinks } from '../scripts/testbed/slow-link.ts';
import { type BedDevice, startTestbed, type Testbed, whyNoTestbed } from '../scripts/testbed/testbed.ts';

const reason = whyNoTestbed()?.message ?? (canSlowLinks() ? undefined : 'no /proc/net/nf_conntrack');
const title = reason === undefined ? 'slow links' : `slow links (skipped: ${reason})`;
const LATENCY_MS = 60;
const CLUSTER = {
  name: 'far-away',
  source: 'Made up for this test.',
  reference: { batch: 16 },
  link: { upBitsPerSecond: 1e8, downBitsPerSecond: 1e8, latencyMs: LATENCY_MS },
  devices: [{ name: 'far', samplesPerSecond: 100 }],
};

describe.skipIf(reason !== undefined)(title, () => {
  let bed: Testbed;
  let device: BedDevice;
  let server: Server;
  let port: number;
  let clusters: string;
  const callers: string[] = [];

  beforeAll(async () => {
    clusters = mkdtempSync(join(tmpdir(), 'caduceus-testbed-cluster-'));
    writeFileSync(join(clusters, 'far.json'), JSON.stringify(CLUSTER));
    bed = await startTestbed({ preset: join(clusters, 'far.json'), withLatency: true });
    device = bed.device('far');
    server = createServer((socket) => {
      callers.push(socket.remoteAddress ?? '');
      socket.on('error', () => undefined);
      socket.pipe(socket);
    }).listen(0, bed.hostAddress);
    await new Promise((resolve) => server.once('listening', resolve));
    port = (server.address() as { port: number }).port;
  });

  afterAll(async () => {
    server.close();
    await bed.stop();
    rmSync(clusters, { recursive: true });
  });

  /** Milliseconds of the first and the second question to the server, or what went wrong. */
  async function ask(): Promise<string> {
    const script = `exec 3<>/dev/tcp/${bed.hostAddress}/${port} || exit 3
      for question in 1 2; do
        begun=$(date +%s%N); echo hello >&3; read -r -t 2 answer <&3 || exit 4; ended=$(date +%s%N)
        echo $(( (ended - begun) / 1000000 ))
      done`;
    return device.asUser(['sh', '-c', 'timeout 3 bash -c "$0" 2>&1 || echo "failed: $?"', script]);
  }

  it('from the device: a round trip for the answer, one more for the first', async () => {
    const [first = NaN, second = NaN] = (await ask()).trim().split('\n').map(Number);
    expect(second).toBeGreaterThanOrEqual(2 * LATENCY_MS);
    expect(second).toBeLessThan(2 * LATENCY_MS + 500);
    expect(first).toBeGreaterThanOrEqual(4 * LATENCY_MS - 10);
    expect(callers).toEqual([device.address]);
  });

  it('to the device: SSH says who it is after the handshake and one way', async () => {
    const begunMs = performance.now();
    const socket = connect(device.port, device.address);
    const greeting = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect(performance.now() - begunMs).toBeGreaterThanOrEqual(3 * LATENCY_MS - 10);
    expect(greeting.toString()).toMatch(/^SSH-2\.0-OpenSSH/);
    socket.destroy();
    expect(device.carried.upBytes).toBeGreaterThan(greeting.length);
  });

  it('do not hide a firewall', async () => {
    for (const [fault, answer] of [
      [dropTo(port), 'failed: 124'],
      [mute(), 'failed: 124'],
      [rejectTo(port), 'refused'],
    ] as const) {
      const heal = await fault(device);
      try {
        expect(await ask()).toContain(answer);
      } finally {
        await heal();
      }
    }
    expect(await ask()).not.toContain('failed');
  });

  it('survive a loss of power, and are not among the processes of the device', async () => {
    await device.turnOff();
    expect(await device.processes()).toEqual([]);
    await device.turnOn();
    expect(await ask()).not.toContain('failed');
  });
});
