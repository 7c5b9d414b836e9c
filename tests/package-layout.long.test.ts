/** A package's self-test, on what packages are made of and as it lies in them, under plain Node in Electron's place. */
import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test, vi } from 'vitest';
import type { Finding } from '../electron/package-test.ts';
import { buildPrograms, buildShellProgram } from '../scripts/build-app.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { temporary } from './cli-program.ts';
import { ROOT } from '../scripts/source-tree.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const NODE = process.platform === 'win32' ? 'node.exe' : 'node';
let resources: string;
let program: string;
let newerV8: string;

beforeAll(async () => {
  await Promise.all([ensureAgent(), buildPrograms()]);
  // As electron-builder.yml has it; what is in the archive lies in a folder here.
  resources = join(temporary(), 'resources');
  program = join(resources, 'app', 'dist', 'electron', 'main.cjs');
  mkdirSync(dirname(program), { recursive: true });
  await buildShellProgram(program, 'electron/package-test.fixture.ts');
  cpSync(join(ROOT, 'package.json'), join(resources, 'app', 'package.json'));
  cpSync(join(ROOT, 'resources', 'clusters'), join(resources, 'app', 'resources', 'clusters'), { recursive: true });
  cpSync(join(ROOT, 'dist', 'programs'), join(resources, 'programs'), { recursive: true });
  cpSync(join(ROOT, 'resources', 'worker', 'agent.cjs'), join(resources, 'worker', 'agent.cjs'));
  mkdirSync(join(resources, 'runtime'));
  // Electron's V8 is newer than Node's and marks what it serializes with a version that Node's does not read.
  // So here, too, of what this process sends to those that it starts.
  newerV8 = join(resources, 'newer-v8.cjs');
  writeFileSync(
    newerV8,
    `const { Pipe } = process.binding('pipe_wrap');
     const write = Pipe.prototype.writeBuffer;
     Pipe.prototype.writeBuffer = function (request, bytes, ...rest) {
       const isSerialized = bytes.length > 6 && bytes.readUInt32BE(0) === bytes.length - 4 && bytes[4] === 0xff;
       if (isSerialized) bytes[5] = 0x7f;
       return write.call(this, request, bytes, ...rest);
     };`,
  );
  try {
    linkSync(process.execPath, join(resources, 'runtime', NODE));
  } catch {
    copyFileSync(process.execPath, join(resources, 'runtime', NODE)); // on another file system
  }
});

async function selfTest(): Promise<{ findings: Finding[]; stderr: string }> {
  // Nothing of a developer's: no npm, no Node but the package's own.
  const env = { ...process.env, PATH: '/usr/bin', NODE_PATH: '' };
  const node = join(resources, 'runtime', NODE);
  const args = ['--require', newerV8, program, resources, temporary()];
  const { stdout, stderr } = await promisify(execFile)(node, args, { env, cwd: resources });
  return { findings: JSON.parse(stdout) as Finding[], stderr };
}

test('a package runs its Node, simulates, trains on a worker of its own and writes reports', async () => {
  const { findings, stderr } = await selfTest();
  expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  expect(stderr).toBe('');
  expect(findings.map(({ what }) => what)).toEqual(['files', 'node', 'simulate', 'train', 'html']);
});

test('a package that lacks its Node, agent or a program does not pass', async () => {
  for (const lost of [join('worker', 'agent.cjs'), join('programs', 'simulation.cjs')]) rmSync(join(resources, lost));
  const { findings } = await selfTest();
  const failed = findings.filter(({ ok }) => !ok);
  // Without a run there is nothing to report.
  expect(failed.map(({ what }) => what)).toEqual(findings.map(({ what }) => what).filter((what) => what !== 'node'));
  expect(failed[0]?.found).toMatch(/agent\.cjs is not there/);
});
