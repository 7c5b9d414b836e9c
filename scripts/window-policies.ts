/**
 * What the window says of each policy — rule, formulas, source, limits — taken from the docstrings and the
 * table of rules, as docs/POLICIES.md is. `npm run docs` writes it; a test fails when it is stale.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { POLICIES } from '../main/core/policy/registry.ts';
import { parseDocstring, withoutNotes } from './policies-doc.ts';
import { RULES } from './policies-rules.ts';
import { ROOT } from './source-tree.ts';

export const NOTES_FILE = 'renderer/views/experiment/policy-notes.ts';

const HEAD = `/** Written by scripts/window-policies.ts from the policies' docstrings. Change those and run: npm run docs */

export interface PolicyNotes {
  rule: string;
  source: string;
  limits: string;
  formulas: readonly string[];
}

export const POLICY_NOTES: Readonly<Record<string, PolicyNotes>> = `;

/** The whole file, formatted as Prettier would. */
export async function windowPolicies(): Promise<string> {
  const notes = Object.fromEntries(
    POLICIES.map(({ name }) => {
      const text = readFileSync(join(ROOT, 'main/core/policy', `${name}.ts`), 'utf8');
      const section = (label: string): string =>
        withoutNotes(parseDocstring(text).sections.find((each) => each.label === label)?.text ?? '')
          // Where the code is says nothing to those who look at the window.
          .replaceAll(/ \(`[\w-]+\.ts`\)/g, '');
      const formulas = (RULES[name] ?? []).map(({ formula }) => formula);
      return [name, { rule: section('Rule'), source: section('Source'), limits: section('Limits'), formulas }];
    }),
  );
  const path = join(ROOT, NOTES_FILE);
  return format(`${HEAD}${JSON.stringify(notes)};\n`, { ...(await resolveConfig(path)), filepath: path });
}

if (import.meta.main) {
  const path = join(ROOT, NOTES_FILE);
  const text = await windowPolicies();
  const isStale = !existsSync(path) || readFileSync(path, 'utf8') !== text;
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (isStale) {
    console.error(`${NOTES_FILE} is stale: npm run docs`);
    process.exitCode = 1;
  }
}
