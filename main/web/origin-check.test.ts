import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge, ownNames } from './origin-check.ts';

const PORT = 4321;

function request(headers: readonly (readonly [string, string])[], url = '/'): Parameters<typeof judge>[0] {
  return { rawHeaders: headers.flat(), url };
}

describe('who may talk to the loopback host', () => {
  test('only a request that names it as its own page does', () => {
    for (const host of ownNames(PORT)) {
      expect(judge(request([['Host', host]]), PORT, false)).toBe('own');
      expect(
        judge(
          request([
            ['Host', host],
            ['Origin', `http://${host}`],
          ]),
          PORT,
          true,
        ),
      ).toBe('own');
    }
  });

  test.each([
    '',
    ' ',
    '127.0.0.1',
    'localhost',
    '[::1]',
    '127.0.0.1:',
    '127.0.0.1:4320',
    '127.0.0.1:43210',
    '127.0.0.1:04321',
    'LOCALHOST:4321',
    'Localhost:4321',
    'localhost.:4321',
    '127.0.0.1.:4321',
    'localhost:4321.',
    ' localhost:4321',
    'localhost:4321 ',
    '\tlocalhost:4321',
    'localhost :4321',
    'user@localhost:4321',
    'localhost:4321@evil.example',
    'evil.example',
    'evil.example:4321',
    'localhost.evil.example:4321',
    '127.1:4321',
    '2130706433:4321',
    '0x7f000001:4321',
    '0.0.0.0:4321',
    '::1:4321',
    '[::ffff:127.0.0.1]:4321',
    '[0:0:0:0:0:0:0:1]:4321',
    'localhost:4321, localhost:4321',
    'localhost:4321/',
    'http://localhost:4321',
    'localhost%00:4321',
    'löcalhost:4321',
    '127.0.0.1:4321\u0000',
    'xn--localhost:4321',
    'localhost:+4321',
  ])('not one that says Host: %j', (host) => {
    expect(judge(request([['Host', host]]), PORT, false)).toBe('misdirected');
  });

  test('not one without a host, with two, or with another in its first line', () => {
    const own: [string, string] = ['Host', 'localhost:4321'];
    expect(judge(request([]), PORT, false)).toBe('misdirected');
    expect(judge(request([own, own]), PORT, false)).toBe('misdirected');
    expect(judge(request([own, ['HOST', 'evil.example']]), PORT, false)).toBe('misdirected');
    expect(judge(request([own], 'http://evil.example/'), PORT, false)).toBe('misdirected');
    expect(judge(request([own], '//evil.example/'), PORT, false)).toBe('misdirected');
    expect(judge(request([own], '*'), PORT, false)).toBe('misdirected');
  });

  test('not another page, by its own account', () => {
    const from = (origin: string, needsOrigin = true, host = '127.0.0.1:4321'): string =>
      judge(
        request([
          ['Host', host],
          ['Origin', origin],
        ]),
        PORT,
        needsOrigin,
      );
    for (const origin of [
      'http://evil.example',
      'http://127.0.0.1:4322',
      'https://127.0.0.1:4321',
      'http://localhost:4321',
      'null',
      '',
      'http://127.0.0.1:4321/',
      'file://',
    ]) {
      expect(from(origin)).toBe('foreign');
      expect(from(origin, false)).toBe('foreign');
    }
    expect(judge(request([['Host', '127.0.0.1:4321']]), PORT, true)).toBe('foreign');
    const two = [
      ['Host', '127.0.0.1:4321'],
      ['Origin', 'http://127.0.0.1:4321'],
      ['Origin', 'http://evil.example'],
    ] as const;
    expect(judge(request(two), PORT, true)).toBe('foreign');
  });

  test('not one that the browser knows to come from elsewhere, but for opening the page itself', () => {
    const host = ['Host', '127.0.0.1:4321'] as const;
    for (const site of ['cross-site', 'same-site', 'none', 'nonsense']) {
      expect(judge(request([host, ['Sec-Fetch-Site', site]], '/assets/index.js'), PORT, false)).toBe('foreign');
      const navigation = [
        host,
        ['Sec-Fetch-Site', site],
        ['Sec-Fetch-Mode', 'navigate'],
        ['Sec-Fetch-Dest', 'document'],
      ] as const;
      expect(judge(request(navigation), PORT, false)).toBe('own');
      expect(judge(request(navigation), PORT, true)).toBe('foreign');
      expect(judge(request([...navigation.slice(0, 3), ['Sec-Fetch-Dest', 'iframe']]), PORT, false)).toBe('foreign');
    }
    expect(judge(request([host, ['Sec-Fetch-Site', 'same-origin']], '/assets/index.js'), PORT, false)).toBe('own');
  });

  test('and never throws, whatever bytes it is sent', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    const headers = fc.array(
      fc.tuple(fc.oneof(fc.constantFrom('Host', 'hOsT', 'Origin', 'Sec-Fetch-Site', 'Sec-Fetch-Mode'), text), text),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(headers, fc.option(text, { nil: undefined }), fc.boolean(), (pairs, url, needsOrigin) => {
        const verdict = judge({ rawHeaders: pairs.flat(), url }, PORT, needsOrigin);
        expect(['misdirected', 'foreign', 'own']).toContain(verdict);
        // Random bytes never hit one of the three names.
        if (!pairs.some(([, value]) => ownNames(PORT).includes(value))) expect(verdict).toBe('misdirected');
      }),
      { numRuns: 500 },
    );
  });
});
