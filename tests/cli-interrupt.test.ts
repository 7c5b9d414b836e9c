/** Ctrl-C, a closed window, a killed program: workers stop, the run is kept, and it can go on. More: cli-interrupt.long.test.ts. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { ReplayResult, RunSummary } from '../main/core/control-plane-api.ts';
import type { RunResult } from '../main/core/metrics.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import {
  alive,
  answerHere,
  answerOf,
  command,
  type Ended,
  haveEnded,
  onlyError,
  pause,
  Program,
  reported,
  type ReportedRun,
  temporary,
} from './cli-program.ts';
import { helpers, keptRun, onlyRun, SECONDS, TRAIN, training } from './interrupted-run.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 180_000 });

beforeAll(() => ensureAgent());

describe.runIf(process.platform === 'linux')('a run that is interrupted', () => {
  const home = temporary();
  let ended: Ended;
  let children: number[];
  let left: number[];
  let before: ReportedRun;
  let replayBefore: ReplayResult;
  let after: ReportedRun;
  let result: RunResult;

  beforeAll(async () => {
    const program = await training(home, { seconds: SECONDS });
    children = helpers(program);
    program.child.kill('SIGINT');
    ended = await program.ended;
    left = alive(children);
    const [, resume = ''] = /caduceus (train --resume \S+)/.exec(onlyError(ended).remedy) ?? [];
    const { run } = await onlyRun(home);
    before = await reported(run, home);
    replayBefore = await answerHere<ReplayResult>(['replay', run], { home });
    result = await answerOf<RunResult>(resume.split(' '), { home });
    after = await reported(run, home);
  });

  it('says so, with the command that goes on, and exit code 130', () => {
    expect(ended).toMatchObject({ code: 130, signal: null });
    const { run, error } = before;
    expect(onlyError(ended)).toEqual({
      code: 'CAD-INTERRUPTED',
      message: `run ${run} was stopped by its user`,
      remedy: `Go on with: caduceus train --resume ${run}`,
    });
    expect(error).toEqual(onlyError(ended));
    expect(ended.stderr).toContain('Stopping');
  });

  it('leaves no process behind', () => {
    expect(children.length).toBeGreaterThanOrEqual(3); // two workers and who judges
    expect(left).toEqual([]);
  });

  it('is kept as interrupted, with what it did', () => {
    expect(before).toMatchObject({ status: 'interrupted', result: null });
    expect(before.records.iterations.length).toBeGreaterThan(3);
    expect(before.records.incidents.at(-1)).toMatchObject({ what: 'stopped' });
  });

  it('replays to the same decisions', () => {
    expect(replayBefore.decisions).toBeGreaterThan(3);
    expect(replayBefore).toMatchObject({ matched: replayBefore.decisions, firstDifference: null });
  });

  it('is completed by the command it named, on the clock it had', () => {
    expect(after).toMatchObject({ run: before.run, status: 'completed', error: null });
    expect(result).toMatchObject({ run: before.run, endReason: 'time-limit' });
    expect(result.seconds).toBeGreaterThanOrEqual(SECONDS);
    expect(result.seconds).toBeLessThan(SECONDS + 30);
  });

  it('has every record from before among those after', () => {
    for (const kind of ['iterations', 'pushes', 'evaluations'] as const) {
      expect(after.records[kind].slice(0, before.records[kind].length)).toEqual(before.records[kind]);
    }
    expect(after.records.iterations.length).toBeGreaterThan(before.records.iterations.length);
  });

  it('counts in its totals what was done before', () => {
    const { iterations, traffic } = after.records;
    expect(result).toMatchObject({
      iterations: iterations.filter(({ iteration }) => iteration.steps > 0).length,
      pushes: iterations.filter(({ pushed }) => pushed).length,
      samples: iterations.reduce((sum, { iteration }) => sum + iteration.samples, 0),
    });
    const { bytes } = result;
    const last = before.records.traffic.at(-1)?.traffic;
    expect(last?.data).toBeGreaterThan(0);
    // Both times the workers fetch the model and the rows.
    expect(bytes.down).toBeGreaterThan(last?.model ?? Infinity);
    expect(bytes.data).toBeGreaterThan(last?.data ?? Infinity);
    expect(bytes.up).toBeGreaterThanOrEqual(last?.update ?? Infinity);
    expect(bytes.control).toBeGreaterThan(last?.control ?? Infinity);
    expect(traffic.at(-1)?.traffic).toEqual({
      ...{ model: bytes.down, update: bytes.up, data: bytes.data, control: bytes.control },
    });
  });

  it('replays to the same decisions after it went on', async () => {
    const replay = await answerHere<ReplayResult>(['replay', before.run], { home });
    expect(replay.decisions).toBeGreaterThan(replayBefore.decisions);
    expect(replay).toMatchObject({ matched: replay.decisions, firstDifference: null });
  });

  it('cannot be resumed once it is completed', async () => {
    const again = await command(['train', '--resume', before.run, '--json'], { home });
    expect(again.code).toBe(1);
    expect(onlyError(again)).toMatchObject({
      code: 'CAD-CONFIG',
      message: expect.stringContaining('completed') as string,
    });
    expect(await onlyRun(home)).toMatchObject({ status: 'completed', result });
  });
});

describe.runIf(process.platform === 'linux')('a program', { concurrent: true }, () => {
  it('whose window is closed keeps its run, and has no trained model of it yet', async () => {
    const home = temporary();
    const program = await training(home, { inGroup: true });
    const children = helpers(program);
    program.signalGroup('SIGHUP');
    const { run } = await keptRun(home, await program.ended);
    await haveEnded(children, 0);
    const unfinished = onlyError(await command(['export-model', run, '--json'], { home }));
    expect(unfinished).toMatchObject({
      code: 'CAD-RUN-UNFINISHED',
      remedy: expect.stringContaining(`--resume ${run}`) as string,
    });
  });

  it('that gets Ctrl-C while it tries engines was interrupted, not without an engine, and keeps nothing', async () => {
    const home = temporary();
    const program = new Program(TRAIN, { home, inGroup: true });
    const isTrying = (): boolean => program.children().some(({ command }) => command.includes('probe-engine'));
    await program.until(isTrying, 'trying an engine');
    await pause(50);
    program.signalGroup('SIGINT');
    const ended = await program.ended;
    expect(ended).toMatchObject({ code: 130, signal: null });
    expect(onlyError(ended)).toMatchObject({ code: 'CAD-INTERRUPTED' });
    expect((await answerHere<{ runs: RunSummary[] }>(['runs'], { home })).runs).toEqual([]);
  });

  it('that gets Ctrl-C twice leaves at once with an answer; its frozen workers end when they thaw', async () => {
    const home = temporary();
    const program = await training(home);
    const agents = program.agents();
    for (const pid of agents) process.kill(pid, 'SIGSTOP');
    program.child.kill('SIGINT');
    await program.said('Ctrl-C again');
    await pause(1200); // one Ctrl-C may arrive twice within a second
    program.child.kill('SIGINT');
    const ended = await program.ended;
    expect(ended).toMatchObject({ code: 130, signal: null });
    expect(onlyError(ended)).toMatchObject({
      code: 'CAD-INTERRUPTED',
      message: 'the program was ended before the run had stopped',
    });
    // Had it waited for them, it would have killed them.
    expect(alive(agents)).toEqual(agents);
    expect(await onlyRun(home)).toMatchObject({ status: 'interrupted' });
    for (const pid of alive(agents)) process.kill(pid, 'SIGCONT');
    await haveEnded(agents, 15_000);
  });

  it('that is killed leaves no worker behind for long, and its run is found interrupted', async () => {
    const home = temporary();
    const program = await training(home);
    const children = helpers(program);
    program.child.kill('SIGKILL');
    expect((await program.ended).signal).toBe('SIGKILL');
    expect(await onlyRun(home)).toMatchObject({ status: 'interrupted', error: { code: 'CAD-INTERRUPTED' } });
    await haveEnded(children, 15_000);
  });
});
