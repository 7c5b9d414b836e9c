import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { locateHome, prepareHome } from './home.ts';

const userHome = '/home/ada';

describe('where the data directory is', () => {
  test('CADUCEUS_HOME overrides every platform', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      expect(locateHome({ env: { CADUCEUS_HOME: '/data/c', XDG_DATA_HOME: '/x' }, platform, userHome })).toBe(
        '/data/c',
      );
    }
  });

  test('Linux follows the XDG specification, relative paths ignored', () => {
    const at = (env: Record<string, string>): string => locateHome({ env, platform: 'linux', userHome });
    expect(at({ XDG_DATA_HOME: '/x' })).toBe('/x/caduceus');
    expect(at({ XDG_DATA_HOME: 'relative' })).toBe('/home/ada/.local/share/caduceus');
    expect(at({})).toBe('/home/ada/.local/share/caduceus');
  });

  test('macOS and Windows have their own places', () => {
    expect(locateHome({ env: {}, platform: 'darwin', userHome })).toBe(
      '/home/ada/Library/Application Support/Caduceus',
    );
    expect(locateHome({ env: { APPDATA: 'C:\\Data' }, platform: 'win32', userHome })).toBe('C:\\Data\\Caduceus');
  });
});

describe('making the data directory', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'caduceus-home-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  test('it is made for its user alone and the probe leaves nothing', () => {
    const home = prepareHome(join(scratch, 'deep', 'home'));
    if (process.platform !== 'win32') expect(statSync(home).mode & 0o777).toBe(0o700);
    expect(readdirSync(home)).toEqual([]);
  });

  test('a directory that cannot be written is refused by name, with a remedy, and nothing is left', () => {
    const file = join(scratch, 'a-file');
    writeFileSync(file, '');
    const locked = join(scratch, 'locked');
    prepareHome(locked);
    if (process.platform !== 'win32') chmodSync(locked, 0o500);
    for (const path of [
      file,
      join(file, 'below'),
      ...(process.platform === 'win32' ? [] : [join(scratch, 'locked')]),
    ]) {
      if (path === locked) chmodSync(locked, 0o555 & ~0o222);
      expect(() => prepareHome(path)).toThrow(
        expect.objectContaining({
          code: 'CAD-HOME-READONLY',
          message: expect.stringContaining(path) as unknown,
          remedy: expect.stringContaining('CADUCEUS_HOME') as unknown,
        }),
      );
    }
    expect(existsSync(join(file, 'below'))).toBe(false);
    expect(readdirSync(locked)).toEqual([]);
  });
});
