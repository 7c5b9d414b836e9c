import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { prng, uniform } from '../core/prng.ts';
import { loadNewestCheckpoint } from './checkpoint-directory.ts';

const KILLS = 200;

test(`after ${KILLS} kills at random moments of writing, the newest or the previous checkpoint loads every time`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'caduceus-kills-'));
  const random = prng(1, 'kills');
  let last = 0;
  let loads = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'saving-process.fixture.ts'), directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await sleep(uniform(random) * 60);
    child.kill('SIGKILL');
    await exited;
    const loaded = await loadNewestCheckpoint(directory);
    if (loaded === undefined) continue; // killed before its first save
    const { version } = loaded.state as { version: number };
    expect(version).toBeGreaterThanOrEqual(last);
    expect(loaded.vectors['model']?.every((value) => value === version)).toBe(true);
    last = version;
    loads += 1;
  }
  expect(loads).toBeGreaterThan(KILLS - 10);
});
