/** The agent as a program: one file, a ticket on standard input, an exit code. */
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bundledAgent } from '../main/provision/local.ts';
import { EXIT } from '../main/worker/exit-codes.ts';
import { buildAgent, ensureAgent } from '../scripts/build-worker.ts';
import { RawWorker } from './raw-worker.ts';
import { eventually, TinyRun } from './tiny-run.ts';

beforeAll(() => ensureAgent());

interface Running {
  child: ChildProcess;
  log(): string;
  exited: Promise<number | null>;
}

function start(agent: string, input: string, arguments_: string[] = []): Running {
  const child = spawn(process.execPath, [agent, ...arguments_], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: {},
    cwd: tmpdir(),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  child.stdin.on('error', () => undefined);
  child.stdin.write(input);
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, log: () => log, exited };
}

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'caduceus-agent-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

describe('the agent', () => {
  it('is one file that joins and trains where nothing is installed, and chooses its engine itself', async () => {
    const run = await TinyRun.start({ config: { stop: { maxSeconds: 60, maxIterations: 20 } } });
    const directory = temporaryDirectory();
    const agent = join(directory, 'agent.cjs');
    copyFileSync(bundledAgent(), agent);
    const { engine: _engine, ...ticket } = run.ticket('a');
    const { exited, log } = start(agent, `${JSON.stringify(ticket)}\n`);
    expect(await run.end()).toMatchObject({ reason: 'iteration-limit' });
    await run.host.close();
    expect(await exited, log()).toBe(EXIT.done);
    expect(log()).toContain('leaves the run: 20 local iterations are done');
    expect(run.records.find(({ type }) => type === 'worker')).toMatchObject({
      profile: {
        engine: expect.stringMatching(/^(wasm|cpu)$/) as string,
        samplesPerSecond: expect.any(Number) as number,
      },
    });
    expect(readdirSync(directory)).toEqual(['agent.cjs']);
  });

  it('is the same bytes from two clean builds', async () => {
    const first = await buildAgent(join(temporaryDirectory(), 'agent.cjs'));
    const second = await buildAgent(join(temporaryDirectory(), 'agent.cjs'));
    expect(second.sha256).toBe(first.sha256);
  });

  it.each([
    ['nothing', '', 'ended before the join ticket'],
    ['what is no JSON', 'let me in\n', 'not JSON'],
    ['a ticket with a field too many', '{"url":"ws://x/","run":"r","worker":"w","token":"secret","x":1}\n', 'unknown'],
    ['a ticket for another protocol', '{"url":"http://x/","run":"r","worker":"w","token":"secret"}\n', 'range'],
    ['a line without end', 'x'.repeat(10_000), 'not JSON'],
  ])('given %s says so, without repeating it, and exits', async (_name, input, complaint) => {
    const { child, exited, log } = start(bundledAgent(), input);
    if (input === '') child.stdin?.end();
    expect(await exited).toBe(EXIT.usage);
    expect(log()).toContain(complaint);
    expect(log()).not.toContain('secret');
  });

  it('gives up when it is refused, after a few attempts', async () => {
    const run = await TinyRun.start();
    const { exited, log } = start(bundledAgent(), `${JSON.stringify({ ...run.ticket('a'), token: 'wrong' })}\n`);
    expect(await exited).toBe(EXIT.refused);
    expect(log().match(/no connection to/g)).toHaveLength(2);
    expect(log()).toContain('not admitted');
  });

  it('gives up on a server that it cannot reach for too long, saying where and why', async () => {
    const run = await TinyRun.start();
    const ticket = run.ticket('a');
    await run.host.close();
    const { exited, log } = start(bundledAgent(), `${JSON.stringify({ ...ticket, retryForMs: 400 })}\n`);
    expect(await exited).toBe(EXIT.unreachable);
    expect(log()).toContain(`gives up on ${ticket.url}: ECONNREFUSED`);
  });

  it('does not fight over its place: told that it was replaced, it exits', async () => {
    const run = await TinyRun.start();
    const agent = await run.launch('a');
    await eventually(
      () => run.iterations > 5,
      () => run.incidents,
    );
    await RawWorker.join(run.url, { worker: 'a', token: run.tokens.get('a') ?? '' });
    expect((await agent.exited).code).toBe(EXIT.refused);
    expect(agent.lastLines().at(-1)).toContain('the same worker connected again');
  });

  it('exits promptly in the middle of its work when whoever started it is gone', async () => {
    const run = await TinyRun.start({ batch: 1400 });
    // 0.2 ms of computing, then a minute of sleep, over and over: it is hardly ever between two steps.
    const throttle = { kind: 'duty-cycle' as const, speed: 0.000_003, description: 'duty cycle 0 %' };
    const { child, exited } = start(bundledAgent(), `${JSON.stringify({ ...run.ticket('a'), throttle })}\n`);
    await eventually(
      () => run.records.some(({ type }) => type === 'worker'),
      () => run.incidents,
    );
    const startedMs = performance.now();
    child.stdin?.end();
    expect(await exited).toBe(EXIT.orphaned);
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });

  it('keeps its token out of its arguments and its environment', async () => {
    const run = await TinyRun.start();
    const { pid } = await run.launch('a');
    const token = run.tokens.get('a') ?? '';
    await eventually(
      () => run.iterations > 5,
      () => run.incidents,
    );
    if (process.platform !== 'linux') return;
    const { readFileSync } = await import('node:fs');
    for (const file of ['cmdline', 'environ']) {
      expect(readFileSync(`/proc/${pid}/${file}`, 'utf8')).not.toContain(token);
    }
  });
});
