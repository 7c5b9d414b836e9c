import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './source-tree.ts';
import { NOTES_FILE, windowPolicies } from './window-policies.ts';

it('the window says of policies what their docstrings say: `npm run docs` writes it', async () => {
  expect(readFileSync(join(ROOT, NOTES_FILE), 'utf8')).toBe(await windowPolicies());
});
