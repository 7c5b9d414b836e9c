/**
 * The command line from the source tree: builds the worker agent, and the window for `serve`, when
 * their sources are newer, then hands over. A packaged program carries the agent and starts `main/cli/main.ts` alone.
 */
import { enableCompileCache } from 'node:module';

// Most of a start is reading TypeScript; the second start does not read it again.
enableCompileCache();
const { ensureAgent } = await import('./build-worker.ts');

await ensureAgent();
if (process.argv[2] === 'serve' && !process.argv.includes('--help')) {
  const { ensureWindow } = await import('./build-window.ts');
  await ensureWindow();
}
await import('../main/cli/main.ts');
