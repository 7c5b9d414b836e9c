import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { expect, it } from 'vitest';
import { LineRing } from './line-ring.ts';

it('keeps the last lines, each of bounded length, whatever is written', async () => {
  const stream = new PassThrough();
  const ring = new LineRing(stream);
  for (let index = 0; index < 1000; index++) stream.write(`line ${index}\n\nhalf `);
  stream.write('x'.repeat(1_000_000));
  stream.end();
  await finished(stream);
  expect(ring.lines()).toHaveLength(200);
  expect(ring.lines().at(-2)).toBe('half line 999');
  expect(ring.lines().at(-1)).toHaveLength(1000);
});
