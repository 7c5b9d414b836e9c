/**
 * The command line from the source tree: builds the worker agent when its sources are newer, then
 * hands over. A packaged program carries the agent and starts `main/cli/main.ts` alone.
 */
import { enableCompileCache } from 'node:module';

// Most of a start is reading TypeScript; the second start does not read it again.
enableCompileCache();
const { ensureAgent } = await import('./build-worker.ts');

await ensureAgent();
await import('../main/cli/main.ts');
