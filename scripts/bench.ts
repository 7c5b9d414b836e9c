/** `npm run bench -- NAME [options]`: one of the measurements in `bench/`, with the Node that the program uses. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const NAMES = ['papers', 'simulator', 'local', 'engines', 'epochs', 'deploy', 'window'];
const [, , name = '', ...options] = process.argv;
const file = join(import.meta.dirname, '..', 'bench', `${name}.ts`);
if (!NAMES.includes(name) || !existsSync(file)) {
  console.error(
    `Usage: npm run bench -- NAME [options], with NAME one of ${NAMES.join(', ')}. Each file says what it measures.`,
  );
  process.exit(2);
}
process.exitCode = spawnSync(process.execPath, [file, ...options], { stdio: 'inherit' }).status ?? 1;
