import { expect, it } from 'vitest';
import { isEveryAddress } from './listen-address.ts';

it.each([
  ...[
    '0.0.0.0',
    '0',
    '00',
    '0x0',
    '0.0',
    '*',
    '',
    ' 0.0.0.0 ',
    '::',
    '[::]',
    '::0',
    '0::0',
    '0:0:0:0:0:0:0:0',
    '::%lo',
  ],
  ...['::0.0.0.0', '::ffff:0.0.0.0', '::FFFF:0:0', '0:0:0:0:0:ffff:0.0.0.0'],
])('"%s" is every address at once', (host) => {
  expect(isEveryAddress(host)).toBe(true);
});

it.each(['127.0.0.1', '0.0.0.1', '10.0.0.0', '::1', '[::1]', 'fe80::1%eth0', '::ffff:127.0.0.1', 'localhost', 'x0'])(
  '"%s" is one address',
  (host) => {
    expect(isEveryAddress(host)).toBe(false);
  },
);
