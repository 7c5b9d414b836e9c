/** More that can happen to a program that trains: stopped before it does, unread, and asked for its run by another. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureAgent } from '../scripts/build-worker.ts';
import { caduceus, haveEnded, onlyDocument, onlyError, Program, temporary } from './cli-program.ts';
import { keptRun, onlyRun, TRAIN, training } from './interrupted-run.ts';

beforeAll(() => ensureAgent());

describe.runIf(process.platform === 'linux')('a program', { concurrent: true }, () => {
  it('that gets Ctrl-C while workers start keeps a run that can go on', async () => {
    const home = temporary();
    const program = new Program(TRAIN, { home });
    await program.said('listens on');
    await program.until(() => program.agents().length === 2, 'starting its workers');
    const children = program.children().map(({ pid }) => pid);
    program.child.kill('SIGTERM');
    await keptRun(home, await program.ended);
    await haveEnded(children, 0);
  });

  it('goes on when nobody reads its progress any more', async () => {
    const home = temporary();
    const program = new Program([...TRAIN, '--max-seconds', '60', '--max-iterations', '20'], { home });
    await program.said('listens on');
    program.child.stderr?.destroy();
    const ended = await program.ended;
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(onlyDocument(ended.stdout)).toMatchObject({ endReason: 'iteration-limit' });
  });

  it('that trains a run is not disturbed by another that wants to resume it', async () => {
    const home = temporary();
    const program = await training(home);
    const { run, status } = await onlyRun(home);
    expect(status).toBe('running');
    const other = await caduceus(['train', '--resume', run, '--json'], { home });
    expect(other.code).toBe(1);
    expect(onlyError(other)).toMatchObject({
      code: 'CAD-RUN-UNFINISHED',
      message: `run ${run} is being trained by another process`,
    });
    expect(await onlyRun(home)).toMatchObject({ run, status: 'running' });
    program.child.kill('SIGINT');
    await keptRun(home, await program.ended);
  });
});
