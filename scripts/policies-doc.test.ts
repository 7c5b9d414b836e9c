/** The document of policies says what the policies say. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { POLICIES } from '../main/core/policy/registry.ts';
import { DOCUMENT, parseDocstring, policiesDocument, withoutNotes } from './policies-doc.ts';
import { ROOT } from './source-tree.ts';

/** Made once: it reads every policy and its tests. */
const written = policiesDocument();

describe(DOCUMENT, () => {
  it('is what `npm run docs` writes now', async () => {
    expect(readFileSync(join(ROOT, DOCUMENT), 'utf8')).toBe(await written);
  });

  it('has a section and every option of every policy', async () => {
    const document = await written;
    for (const { title, options } of POLICIES) {
      expect(document).toContain(`\n## ${title}\n`);
      for (const name of Object.keys(options)) expect(document).toContain(`\`--${name}\``);
    }
  });
});

describe('a docstring', () => {
  it('is cut at its labels, with lines put together', () => {
    const text = '/**\n * A title.\n *\n * Rule: one thing\n *   and another.\n * Limits: none.\n */\nconst x = 1;\n';
    expect(parseDocstring(text)).toEqual({
      intro: 'A title.',
      sections: [
        { label: 'Rule', text: 'one thing and another.' },
        { label: 'Limits', text: 'none.' },
      ],
    });
  });

  it.each([
    ['answers 0 rows (B1.5); kept (A2.5).', 'answers 0 rows; kept.'],
    ['Ho et al. (NIPS 2013).', 'Ho et al. (NIPS 2013).'],
  ])('%j without the numbers of rules is %j', (text, left) => {
    expect(withoutNotes(text)).toBe(left);
  });
});
