import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText } from '../../core/plain-text.ts';
import { makeMark } from './bootstrap.ts';
import { MarkedOutput } from './marked-output.ts';

// eslint-disable-next-line no-control-regex -- this is the point
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b]/;

describe('marked output', () => {
  it('gives back exactly what was said between the marks, however it is cut', () => {
    const mark = makeMark();
    const bytes = fc.uint8Array({ maxLength: 60 });
    // Text that looks like a mark, and beginnings of one.
    const part = fc.oneof(
      bytes,
      fc
        .constantFrom(`${mark}`, `${mark}>`, `${mark}>x`, `${mark}<`, mark.slice(0, 9), `${mark}>12345678901`)
        .map((text) => Buffer.from(text)),
    );
    const noise = fc.uint8Array({ maxLength: 80 });
    fc.assert(
      fc.property(
        noise,
        fc.array(part, { maxLength: 6 }),
        noise,
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 1, max: 7 }),
        (before, parts, after, code, step) => {
          const said = Buffer.concat([...parts.map((each) => Buffer.from(each)), Buffer.from('.')]);
          const stream = Buffer.concat([
            before,
            Buffer.from(`${mark}<4711;`),
            said,
            Buffer.from(`${mark}>${code};`),
            after,
          ]);
          const marked = new MarkedOutput(mark);
          const got: Buffer[] = [];
          for (let at = 0; at < stream.length; at += step) got.push(marked.take(stream.subarray(at, at + step)));
          expect(Buffer.concat(got)).toEqual(said);
          expect(marked.code).toBe(code);
          expect(marked.process).toBe(4711);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('plain text', () => {
  it('has no control character but tab and line end, and nothing that turns its writing', () => {
    const control = fc.string({ unit: fc.integer({ min: 0, max: 0x20ff }).map((code) => String.fromCharCode(code)) });
    const sequences = fc.constantFrom(
      '\u001b]0;title\u0007',
      '\u001b[31;1m',
      '\u001bP1$r\u001b\\',
      '\u009b31m',
      '\u202eevil',
      '\r\nx\r',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(control, sequences)), (parts) => {
        expect(plainText(parts.join(''))).not.toMatch(UNSEEN);
      }),
      { numRuns: 10_000 },
    );
    expect(plainText('\u001b[31mred\u001b[0m\tand\nplain')).toBe('red\tand\nplain');
  });
});
