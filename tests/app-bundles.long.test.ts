/** The bundled shell, with a stand-in for Electron's own half: what ends runs that train. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../main/store/runs.ts';
import { buildPrograms, buildShell } from '../scripts/build-app.ts';
import { ensureWindow } from '../scripts/build-window.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { temporary } from './cli-program.ts';
import { DrivenShell, training } from './driven-shell.ts';

beforeAll(async () => {
  await ensureAgent();
  await ensureWindow();
  await buildPrograms();
  await buildShell();
});

describe('the bundled shell', () => {
  test('tests itself: its window has asked the desk over IPC, and every part of it has run', async () => {
    const shell = new DrivenShell(temporary(), { args: ['--self-test'] });
    const { code, stdout, stderr } = await shell.ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, title: 'Caduceus' });
  });

  test('obeys what was said about closing: it stops with a checkpoint, without a question', async () => {
    const shell = new DrivenShell(temporary());
    await shell.isOpen();
    await training(shell);
    await shell.call('settings.update', { change: { onClose: 'stop' } });
    shell.does({ kind: 'close' });
    shell.does({ kind: 'second-instance' });
    expect(await shell.ended).toMatchObject({ code: 0, stderr: '' });
    const states = shell.seen.flatMap((seen) => (seen.kind === 'window' ? [seen.state] : []));
    expect(states).toEqual(['opened', 'shown', 'hidden', 'closed']);
    expect(shell.seen.some(({ kind }) => kind === 'dialog' || kind === 'tray')).toBe(false);
  });

  test('after a mistake of ours, what trains gets its checkpoint, and it says what happened and ends', async () => {
    const folder = temporary();
    const shell = new DrivenShell(folder);
    await shell.isOpen();
    const run = await training(shell);
    shell.does({ kind: 'throw' });
    const { text } = await shell.sees('dialog', ({ which }) => which === 'error');
    expect(text).toMatch(/^Caduceus has to end\n\nCAD-INTERNAL: a mistake of ours\n\n/);
    expect((await shell.ended).code).toBe(1);
    const store = openStore(join(folder, 'home'));
    expect(store.findRun(run)).toMatchObject({ status: 'interrupted' });
    store.close();
  });
});
