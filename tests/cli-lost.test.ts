/** Workers that are killed in mid-run: the run goes on and says so; without any, it waits, says so, and gives up. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSummary } from '../main/core/control-plane-api.ts';
import type { RunResult } from '../main/core/metrics.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import {
  answerHere,
  answerOf,
  haveEnded,
  onlyDocument,
  onlyError,
  Program,
  reported,
  type ReportedRun,
  SMALL,
  temporary,
} from './cli-program.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 });

/** Of all workers together: much of it is still to come when somebody is killed, however slow this host is. */
const ITERATIONS = 160;
const LOST_GRACE_MS = 5000;

let one: Awaited<ReturnType<typeof oneKilled>>;
let all: Awaited<ReturnType<typeof allKilled>>;

beforeAll(async () => {
  await ensureAgent();
  if (process.platform !== 'linux') return;
  // The first answer takes longest: the one that must come in time is not the first.
  await answerHere(['runs'], { home: temporary() });
  // Both at once: most of either is waiting.
  [one, all] = await Promise.all([oneKilled(), allKilled()]);
});

/** Settings that have no flag, as a file. */
function settings(content: object): string[] {
  const file = join(temporary(), 'settings.json');
  writeFileSync(file, JSON.stringify(content));
  return ['--config', file];
}

/** Starts a run and waits until its workers train. */
async function training(home: string, args: readonly string[]): Promise<Program> {
  const program = new Program(['train', ...SMALL, ...args, '--max-iterations', String(ITERATIONS), '--json'], { home });
  await program.said('workers start');
  return program;
}

function described({ records }: ReportedRun): string[] {
  return records.incidents.map(({ what, worker }) => (worker === undefined ? what : `${what} ${worker}`));
}

async function oneKilled() {
  const home = temporary();
  const program = await training(home, ['--policy', 'bsp', '--workers', 'local:3']);
  const [, victim = 0] = program.agents();
  process.kill(victim, 'SIGKILL');
  const ended = await program.ended;
  const result = onlyDocument(ended.stdout) as RunResult;
  const report = await reported(result.run, home);
  const killed = report.records.incidents.find(({ what }) => what === 'lost')?.worker ?? '';
  return { ended, killed, result, report };
}

async function allKilled() {
  const home = temporary();
  const program = await training(home, ['--policy', 'asp', ...settings({ lostGraceMs: LOST_GRACE_MS })]);
  const children = program.children().map(({ pid }) => pid);
  for (const pid of program.agents()) process.kill(pid, 'SIGKILL');
  await program.said('paused: No worker is left');
  const whilePaused = (await answerHere<{ runs: RunSummary[] }>(['runs'], { home })).runs;
  const ended = await program.ended;
  await haveEnded(children, 0);
  const report = await reported('latest', home);
  return { home, ended, error: onlyError(ended), whilePaused, report };
}

describe.runIf(process.platform === 'linux')('a run of three workers, one of which is killed,', () => {
  it('goes on to its end', () => {
    const { ended, killed, result, report } = one;
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(result.endReason).toBe('iteration-limit');
    const lostMs = report.records.incidents.find(({ what }) => what === 'lost')?.atMs ?? Infinity;
    const later = report.records.iterations.filter(({ atMs }) => atMs > lostMs);
    expect(later.length).toBeGreaterThan(4);
    expect(later.map(({ worker }) => worker)).not.toContain(killed);
  });

  it('says so while it happens', () => {
    const { ended, killed } = one;
    expect(killed).toMatch(/^local-[123]$/);
    expect(ended.stderr).toMatch(new RegExp(`${killed} lost: `));
    expect(ended.stderr).toMatch(new RegExp(`${killed} worker-failed: the process of ${killed} ended \\(SIGKILL\\)`));
  });

  it('says so in its report', () => {
    const { killed, report } = one;
    expect(described(report)).toEqual(expect.arrayContaining([`lost ${killed}`, `worker-failed ${killed}`]));
    const failed = report.records.incidents.find(({ what }) => what === 'worker-failed');
    expect(failed).toMatchObject({
      level: 'warning',
      worker: killed,
      text: expect.stringContaining('SIGKILL') as string,
    });
  });

  it('has all three in its result, the killed one with what it did', () => {
    const { result, report } = one;
    expect(result.workers.map(({ name }) => name)).toEqual(['local-1', 'local-2', 'local-3']);
    const counted = (name: string): number =>
      report.records.iterations.filter(({ worker, iteration }) => worker === name && iteration.steps > 0).length;
    for (const { name, iterations } of result.workers) expect(iterations).toBe(counted(name));
  });
});

describe.runIf(process.platform === 'linux')('a run whose workers are all killed', () => {
  it('pauses and says how long it waits', () => {
    const { ended, whilePaused } = all;
    expect(ended.stderr).toMatch(/paused: No worker is left; the run waits 5 s for one to come back/);
    expect(whilePaused).toMatchObject([{ status: 'paused', error: null }]);
  });

  it('gives up when nobody came back in time, with a code and what to do', () => {
    const { ended, error, report } = all;
    expect(ended).toMatchObject({ code: 1, signal: null });
    expect(error.code).toBe('CAD-WORKERS-LOST');
    expect(error.remedy).toBe(`Go on with: caduceus train --resume ${report.run}`);
  });

  it('is kept as failed, with all that was lost', () => {
    const { error, report } = all;
    expect(report).toMatchObject({ status: 'failed', result: null, error });
    expect(described(report)).toEqual(
      expect.arrayContaining([
        'lost local-1',
        'lost local-2',
        'worker-failed local-1',
        'worker-failed local-2',
        'paused',
      ]),
    );
  });

  it('goes on with new workers when it is told to', async () => {
    const { home, report } = all;
    const result = await answerOf<RunResult>(['train', '--resume', report.run], { home });
    expect(result).toMatchObject({ run: report.run, endReason: 'iteration-limit' });
    expect(result.iterations).toBeGreaterThan(report.records.iterations.length);
    expect((await reported(report.run, home)).status).toBe('completed');
  });
});
