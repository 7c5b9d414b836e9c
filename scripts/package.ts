/**
 * `npm run dist`: packages of the desktop app for the system this runs on, in dist/packages. What follows
 * `--` goes to electron-builder: `npm run dist -- --dir` leaves out the installers.
 */
import { spawnSync } from 'node:child_process';
import { buildApp } from './build-app.ts';
import { builderCommand } from './builder.ts';
import { ROOT } from './source-tree.ts';

await buildApp();
const command = builderCommand(process.argv.slice(2));
const { status } = spawnSync(process.execPath, command, { cwd: ROOT, stdio: 'inherit' });
process.exitCode = status ?? 1;
