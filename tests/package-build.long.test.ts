/** electron-builder itself, as `npm run dist` calls it, on a stand-in for Electron's download: what comes out is the package. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildPrograms, buildShell, NOTICES, writeNotices } from '../scripts/build-app.ts';
import { ensureWindow } from '../scripts/build-window.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { builderCommand } from '../scripts/builder.ts';
import { ROOT } from '../scripts/source-tree.ts';
import { temporary } from './cli-program.ts';

/** Where Electron keeps its fuses: behind this, their version, their number, and a digit each. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = 8;

/** All that the builder asks of Electron's distribution; only the fuses are looked into. */
function standIn(): string {
  const folder = temporary();
  for (const inner of ['locales', 'resources']) mkdirSync(join(folder, inner));
  const fuses = Buffer.from([1, FUSES, ...Buffer.from('1'.repeat(FUSES))]);
  writeFileSync(join(folder, 'electron'), Buffer.concat([Buffer.from(`\x7fELF${SENTINEL}`), fuses]), { mode: 0o755 });
  for (const file of ['LICENSE', 'LICENSES.chromium.html', 'version', 'chrome-sandbox', 'locales/en-US.pak']) {
    writeFileSync(join(folder, file), file);
  }
  return folder;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(join(folder, file)).isFile())
    .sort();
}

describe.skipIf(process.platform !== 'linux')('the package for Linux (on Linux alone)', () => {
  let unpacked: string;
  let resources: string;
  beforeAll(async () => {
    const inputs = [...(await buildPrograms()), ...(await buildShell())];
    await Promise.all([ensureAgent(), ensureWindow()]); // as they are, since other tests may serve them
    if (!existsSync(NOTICES)) writeNotices(inputs);
    const out = temporary();
    const flags = ['--linux', 'dir', `-c.electronDist=${standIn()}`, `-c.directories.output=${out}`];
    await promisify(execFile)(process.execPath, builderCommand(flags), { cwd: ROOT });
    const [name = ''] = readdirSync(out).filter((entry) => entry.endsWith('-unpacked'));
    unpacked = join(out, name);
    resources = join(unpacked, 'resources');
  });

  test('brings beside its archive what runs outside Electron, licences, and nothing else', () => {
    expect(filesIn(resources)).toEqual([
      'LICENSE',
      'THIRD-PARTY-NOTICES.txt',
      'app.asar',
      'icon.png',
      ...['datasets', 'evaluator', 'reports', 'simulation'].map((program) => `programs/${program}.cjs`),
      'runtime/node',
      'worker/agent.cjs',
    ]);
    const node = join(resources, 'runtime', 'node');
    expect(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout).toMatch(/^v24\./);
    expect(filesIn(unpacked)).toEqual(expect.arrayContaining(['LICENSE.electron.txt', 'LICENSES.chromium.html']));
  });

  test('has in its archive the bundles and what they read, and nothing of node_modules', () => {
    const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder/package.json'));
    const { listPackage } = createRequire(builder.resolve('app-builder-lib'))('@electron/asar') as {
      listPackage(archive: string, options: object): string[];
    };
    const inside = listPackage(join(resources, 'app.asar'), {}).map((file) => file.replaceAll('\\', '/'));
    expect(inside).toEqual(
      expect.arrayContaining([
        '/package.json',
        '/dist/electron/main.cjs',
        '/dist/electron/preload.cjs',
        '/dist/renderer/index.html',
        '/resources/clusters/hermes-12.json',
        '/resources/device/install.sh',
      ]),
    );
    const allowed =
      /^\/(package\.json|dist|dist\/(electron|renderer)(\/.*)?|resources|resources\/(clusters|device)(\/.*)?)$/;
    expect(inside.filter((file) => !allowed.test(file))).toEqual([]);
    expect(inside.filter((file) => /\.(map|ts|node)$/.test(file))).toEqual([]);
  });

  test('has its fuses set', () => {
    const program = readFileSync(join(unpacked, 'caduceus'), 'latin1');
    const fuses = program.slice(program.indexOf(SENTINEL) + SENTINEL.length + 2);
    // RunAsNode, cookies, NODE_OPTIONS, --inspect, integrity, only from the archive, (snapshot), file://
    expect(fuses.slice(0, 6) + fuses.slice(7, FUSES)).toBe('0100110');
  });
});
