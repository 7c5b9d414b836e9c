/**
 * The command line from the source tree: builds the worker agent, itself, and the window for `serve`, when
 * their sources are newer, then hands over.
 */
import { enableCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';

// Compiling is most of a start; the second start does not do it again.
enableCompileCache();
const { ensureAgent } = await import('./build-worker.ts');
const { ensureCommandLine } = await import('./build-command-line.ts');

await ensureAgent();
if (process.argv[2] === 'serve' && !process.argv.includes('--help')) {
  const { ensureWindow } = await import('./build-window.ts');
  await ensureWindow();
}
await import(pathToFileURL(await ensureCommandLine()).href);
