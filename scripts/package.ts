/**
 * `npm run dist`: packages of the desktop app for the system this runs on, in dist/packages. What follows
 * `--` goes to electron-builder: `npm run dist -- --dir` leaves out the installers.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildApp } from './build-app.ts';
import { homepage } from './homepage.ts';
import { ROOT } from './source-tree.ts';

await buildApp();
const builder = join(ROOT, 'node_modules', 'electron-builder', 'cli.js');
const flags = ['--publish', 'never', `--config.extraMetadata.homepage=${homepage()}`];
const { status } = spawnSync(process.execPath, [builder, ...flags, ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
