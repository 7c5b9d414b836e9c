/** How electron-builder is called: by whoever makes packages, and by the test that looks into one. */
import { join } from 'node:path';
import { homepage } from './homepage.ts';
import { ROOT } from './source-tree.ts';

/** Arguments for Node. */
export function builderCommand(flags: readonly string[]): string[] {
  const program = join(ROOT, 'node_modules', 'electron-builder', 'cli.js');
  return [program, '--publish', 'never', `--config.extraMetadata.homepage=${homepage()}`, ...flags];
}
