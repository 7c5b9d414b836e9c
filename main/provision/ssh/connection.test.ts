import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CaduceusError } from '../../core/errors.ts';
import type { Connection } from './connection.ts';
import { handshake } from './handshake.ts';
import { type Sshd, startSshd, whyNoSshd } from './sshd.fixture.ts';

const missing = whyNoSshd();

async function connectTo(sshd: Sshd, user: string): Promise<Connection> {
  const stream = connect(sshd.port, '127.0.0.1');
  await new Promise((resolve) => stream.once('connect', resolve));
  const hop = { host: '127.0.0.1', port: sshd.port, user, keyFiles: [], identitiesOnly: false };
  let isTried = false;
  return handshake(stream, hop, {
    begin: () => undefined,
    end: () => undefined,
    onBanner: () => undefined,
    verify: () => undefined,
    next: async () => {
      if (isTried) return false;
      isTried = true;
      return { type: 'publickey', username: user, key: readFileSync(sshd.keyFile) };
    },
    refusal: (cause) => new CaduceusError('CAD-SSH-AUTH', cause.message, ''),
  });
}

describe.skipIf(missing !== undefined)(`programs on a device over a real sshd${missing ? `: ${missing}` : ''}`, () => {
  let sshd: Sshd;
  let device: Connection;

  beforeAll(async () => {
    sshd = await startSshd({ users: [{ name: 'plain' }] });
    device = await connectTo(sshd, 'plain');
  });
  afterAll(async () => {
    await device?.close();
    await sshd?.stop();
  });

  it('gives arguments, standard input, both outputs and the exit code', async () => {
    const result = await device.run('cat; printf "%s|%s" "$1" "$2" >&2; exit 7', {
      what: 'try',
      args: [`it's`, '$(id) `id` "x"\n\\'],
      stdin: 'payload\0with NUL',
      timeoutMs: 10_000,
    });
    expect(result.stdout.toString()).toBe('payload\0with NUL');
    expect(result.stderr).toBe(`it's|$(id) \`id\` "x"\n\\`);
    expect(result.code).toBe(7);
    expect(device.server).toMatch(/^OpenSSH_/);
  });

  it('runs more programs at once than a connection has sessions', async () => {
    const results = await Promise.all(
      Array.from({ length: 24 }, (_, n) =>
        device.run('echo "$1"', { what: 'try', args: [String(n)], timeoutMs: 20_000 }),
      ),
    );
    expect(results.map(({ stdout }) => Number(stdout.toString()))).toEqual(Array.from({ length: 24 }, (_, n) => n));
  });

  it('is closed within a bound although the other side has fallen silent', async () => {
    const silent = await connectTo(sshd, 'plain');
    const pid = Number((await silent.run('echo "$PPID"', { what: 'ask', timeoutMs: 10_000 })).stdout.toString());
    process.kill(pid, 'SIGSTOP');
    try {
      await silent.close();
      expect(silent.isOpen).toBe(false);
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  });

  it('holds a stream back to the pace of the device', async () => {
    let producedBytes = 0;
    const chunk = Buffer.alloc(65_536, 1);
    const endless = Readable.from(
      (function* () {
        for (let n = 0; n < 1000; n++) {
          producedBytes += chunk.length;
          yield chunk;
        }
      })(),
    );
    const running = device.run('head -c 1000000 >/dev/null; sleep 1; cat | wc -c', {
      what: 'try',
      stdin: endless,
      timeoutMs: 30_000,
    });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(producedBytes).toBeLessThan(16 * 1024 * 1024);
    const { stdout } = await running;
    expect(Number(stdout.toString())).toBeGreaterThan(60_000_000);
  });

  it('ends a program that takes too long, with its children', async () => {
    const run = device.run('sleep 4711 & sleep 4711', { what: 'sleep', timeoutMs: 700 });
    await expect(run).rejects.toMatchObject({ code: 'CAD-SSH-TIMEOUT' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const left = await device.run('pgrep -u "$(id -u)" -f "sleep 4711" | wc -l', { what: 'look', timeoutMs: 10_000 });
    expect(left.stdout.toString().trim()).toBe('0');
  });

  it('ends a program at an abort, and one whose output has no end', async () => {
    const controller = new AbortController();
    const aborted = device.run('sleep 100', { what: 'sleep', timeoutMs: 20_000, signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    await expect(aborted).rejects.toMatchObject({ code: 'CAD-CANCELLED' });
    await expect(device.run('yes', { what: 'yes', timeoutMs: 20_000 })).rejects.toMatchObject({
      code: 'CAD-DEVICE-COMMAND',
    });
    await expect(device.run('true', { what: 'go on', timeoutMs: 10_000 })).resolves.toMatchObject({ code: 0 });
  });

  it('does not wait for a daemon that keeps the outputs', async () => {
    const { stdout, tookMs } = await device.run('sleep 30 & echo $!', { what: 'start', timeoutMs: 60_000 });
    expect(tookMs).toBeLessThan(25_000);
    expect(stdout.toString()).toMatch(/^\d+\n$/);
    await device.run(`kill ${stdout.toString().trim()}`, { what: 'end it', timeoutMs: 60_000 });
  });

  it('keeps a program open, reads and writes it, and kills it', async () => {
    const process = await device.open('echo ready; while read -r line; do echo "got $line"; done; exit 3', {
      what: 'echo',
    });
    process.stderr.resume();
    const lines: string[] = [];
    process.stdout.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
    process.stdin.write('one\ntwo\n');
    process.stdin.end();
    expect(await process.exited).toEqual({ code: 3, signal: null, lost: false });
    expect(lines.join('')).toBe('ready\ngot one\ngot two\n');
    const endless = await device.open('exec sleep 1000', { what: 'sleep' });
    endless.stdout.resume();
    endless.stderr.resume();
    endless.kill();
    expect(await endless.exited).toMatchObject({ lost: false });
  });

  it('gives the device a port that leads here', async () => {
    const listener = await device.forwardIn(0, (connection) => {
      connection.end('hello from the controller');
    });
    const program = `exec 3<>/dev/tcp/127.0.0.1/"$1"; cat <&3`;
    const { stdout } = await device.run('exec bash -c "$2" bash "$1"', {
      what: 'connect',
      args: [String(listener.port), program],
      timeoutMs: 10_000,
    });
    expect(stdout.toString()).toBe('hello from the controller');
    await listener.close();
  });

  it('tells of its loss once, and refuses to go on', async () => {
    const other = await connectTo(sshd, 'plain');
    const running = other.run('sleep 100', { what: 'sleep', timeoutMs: 20_000 });
    running.catch(() => undefined);
    await device.run('pkill -u "$(id -u)" -f "sleep 100$"; true', { what: 'look', timeoutMs: 10_000 });
    const session = await other.open('kill -9 "$PPID"; sleep 5', { what: 'cut' }).catch((error: unknown) => error);
    if (!(session instanceof Error)) {
      const { stdout, stderr } = session as { stdout: Readable; stderr: Readable };
      stdout.resume();
      stderr.resume();
    }
    expect(await other.whenLost).toMatchObject({ code: 'CAD-SSH-LOST' });
    await expect(other.run('true', { what: 'try', timeoutMs: 1000 })).rejects.toMatchObject({ code: 'CAD-SSH-LOST' });
  });
});
