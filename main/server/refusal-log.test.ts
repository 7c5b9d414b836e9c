import { expect, it } from 'vitest';
import { RefusalLog } from './refusal-log.ts';

it('a flood of strangers writes one line in ten seconds, with their number', () => {
  const log = new RefusalLog();
  const lines: string[] = [];
  for (let nowMs = 0; nowMs <= 20_000; nowMs += 10) {
    const line = log.count(nowMs);
    if (line !== undefined) lines.push(line.split(' ')[0] as string);
  }
  expect(lines).toEqual(['1', '1000', '1000']);
});
