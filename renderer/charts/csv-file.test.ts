import { expect, test } from 'vitest';
import { csvOf } from './csv-file.ts';

test('quotes, commas and line ends stay inside their cell; unknown is an empty cell', () => {
  const csv = csvOf({
    columns: ['name', 'value'],
    rows: [
      ['a,"b"\n', 1.5],
      ['c', null],
      ['d', NaN],
    ],
  });
  expect(csv).toBe('name,value\r\n"a,""b""\n",1.5\r\nc,\r\nd,\r\n');
});

test('a cell that a spreadsheet would run becomes text; a negative number stays a number', () => {
  expect(csvOf({ columns: ['x'], rows: [['=1+1'], ['@x'], ['-x'], [-1]] })).toBe("x\r\n'=1+1\r\n'@x\r\n'-x\r\n-1\r\n");
});
