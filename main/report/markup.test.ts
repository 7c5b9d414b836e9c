import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeText, Markup, markup } from './markup.ts';

test('what is put into a template is text, what is markup stays markup', () => {
  const inner = markup`<b>${'<i>"x" & \'y\'</i>'}</b>`;
  expect(markup`<p title="${'"><script>'}">${inner}${[1, 'a', null, false, undefined]}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;script&gt;"><b>&lt;i&gt;&quot;x&quot; &amp; &#39;y&#39;&lt;/i&gt;</b>1a</p>',
  );
  expect(inner).toBeInstanceOf(Markup);
});

test('no text can open a tag, leave an attribute or hide characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const escaped = escapeText(text);
      expect(escaped).not.toMatch(/[<>"']/);
      // eslint-disable-next-line no-control-regex -- the very characters that must not pass
      expect(escaped).not.toMatch(/[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      expect(escaped.isWellFormed()).toBe(true);
      expect(escaped.replaceAll(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
    }),
  );
});
