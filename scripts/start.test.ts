import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { obstacle } from './start.ts';
import { ROOT } from './source-tree.ts';

test('a system without a display gets the window in a browser, and says why', () => {
  expect(obstacle({}, 'linux')).toBe('there is no display');
  expect(obstacle({ DISPLAY: ':0' }, 'linux')).toBeUndefined();
  expect(obstacle({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBeUndefined();
  expect(obstacle({}, 'darwin')).toBeUndefined();
  expect(obstacle({ DISPLAY: ':0', CADUCEUS_BROWSER: '1' }, 'linux')).toBe('CADUCEUS_BROWSER asks for the browser');
});

test('the packages’ description is one that electron-builder accepts', async () => {
  const require = createRequire(createRequire(import.meta.url).resolve('electron-builder/package.json'));
  const { load } = require('js-yaml') as { load(text: string): Record<string, unknown> };
  const { validateConfiguration } = require('app-builder-lib/out/util/config/config') as {
    validateConfiguration(config: unknown, debug: unknown): Promise<void>;
  };
  const config = load(readFileSync(join(ROOT, 'electron-builder.yml'), 'utf8'));
  const debug = { add: () => undefined, isEnabled: false };
  await expect(validateConfiguration(config, debug)).resolves.toBeUndefined();
  await expect(validateConfiguration({ ...config, asarr: true }, debug)).rejects.toThrow(/asarr/);
  // An allow-list: what the app is made of, and nothing of node_modules.
  expect(config['files']).toContain('!node_modules/**');
  expect(config['electronFuses']).toMatchObject({ runAsNode: false, onlyLoadAppFromAsar: true });
});
