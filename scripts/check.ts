/**
 * `npm run check`: the single gate at the desk. Runs every gate even when one fails, then says which.
 * `--without-tests` leaves the tests to someone else.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';

const ROOT = dirname(import.meta.dirname);

const gates: { name: string; command: string[] }[] = [
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: ['eslint', '.', '--max-warnings', '0'] },
  { name: 'types', command: ['scripts/typecheck.ts'] },
];
if (!process.argv.includes('--without-tests')) gates.push({ name: 'tests', command: ['vitest', 'run'] });

const lines: string[] = [];
let failed = 0;
for (const { name, command } of gates) {
  console.log(`\n── ${name}: ${command.join(' ')}`);
  const startedMs = performance.now();
  const { status } = spawnSync(process.execPath, [join('scripts', 'run.mjs'), ...command], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  if (status !== 0) failed += 1;
  lines.push(`${status === 0 ? 'ok    ' : 'FAILED'}  ${name} (${seconds} s)`);
}
console.log(`\n${lines.join('\n')}`);
process.exitCode = failed === 0 ? 0 : 1;
