/** What the program says of itself, without a home, a run or a device. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { caduceus, command, temporary } from './cli-program.ts';

it('tells its version, as its package has it', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const told = await caduceus(['--version'], { home: temporary() });
  expect(told).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
});

it('explains every verb that it lists, and makes no home for that', async () => {
  const home = join(temporary(), 'never-made');
  const { stdout } = await caduceus(['--help'], { home, cwd: temporary() });
  const verbs = [...stdout.matchAll(/^ {2}([a-z-]+) {2}/gm)].map(([, verb]) => verb ?? '');
  expect(verbs).toEqual(expect.arrayContaining(['train', 'deploy', 'compare', 'serve']));
  for (const verb of verbs) {
    expect((await command([verb, '--help'], { home })).stdout).toContain(`caduceus ${verb}`);
  }
  expect(existsSync(home)).toBe(false);
});
