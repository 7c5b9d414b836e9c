import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { homepage } from './homepage.ts';
import { ROOT } from './source-tree.ts';

/** The installed builder's own parts, as its command line puts them together. */
const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder/package.json'));
const { load } = builder('js-yaml') as { load(text: string): Record<string, unknown> };
const description = (): Record<string, unknown> => load(readFileSync(join(ROOT, 'electron-builder.yml'), 'utf8'));

interface Packager {
  validateConfig(): Promise<void>;
  _appInfo: unknown;
}
interface LinuxPackager {
  generateFuseConfig(fuses: unknown): Promise<Record<string, unknown>>;
}
interface FpmTarget {
  checkOptions(): Promise<{ name: string; maintainer: string; url: string; vendor: string }>;
}

async function linuxPackager(extraMetadata: Record<string, string>): Promise<LinuxPackager> {
  const { Packager } = builder('app-builder-lib') as { Packager: new (options: object) => Packager };
  const { AppInfo } = builder('app-builder-lib/out/appInfo') as { AppInfo: new (...args: unknown[]) => unknown };
  const { LinuxPackager } = builder('app-builder-lib/out/linuxPackager') as {
    LinuxPackager: new (packager: Packager) => LinuxPackager;
  };
  const packager = new Packager({ projectDir: ROOT, config: { extraMetadata } });
  await packager.validateConfig();
  packager._appInfo = new AppInfo(packager, null); // as `build` does it
  return new LinuxPackager(packager);
}

test('the packages’ description is one that electron-builder accepts', async () => {
  const { validateConfiguration } = builder('app-builder-lib/out/util/config/config') as {
    validateConfiguration(config: unknown, debug: unknown): Promise<void>;
  };
  const config = description();
  const debug = { add: () => undefined, isEnabled: false };
  await expect(validateConfiguration(config, debug)).resolves.toBeUndefined();
  await expect(validateConfiguration({ ...config, asarr: true }, debug)).rejects.toThrow(/asarr/);
  // An allow-list: what the app is made of, and nothing of node_modules.
  expect(config['files']).toContain('!node_modules/**');
});

test('the deb has the maintainer and the home page without which it is not built', async () => {
  const { default: FpmTarget } = builder('app-builder-lib/out/targets/FpmTarget') as {
    default: new (...args: unknown[]) => FpmTarget;
  };
  const { LinuxTargetHelper } = builder('app-builder-lib/out/targets/LinuxTargetHelper') as {
    LinuxTargetHelper: new (packager: unknown) => unknown;
  };
  const packager = await linuxPackager({ homepage: homepage({}, '') });
  const deb = new FpmTarget('deb', packager, new LinuxTargetHelper(packager), tmpdir());
  expect(await deb.checkOptions()).toMatchObject({
    name: 'caduceus',
    maintainer: 'Caduceus contributors',
    url: 'file:///opt/Caduceus/resources/',
  });
});

test('the fuses leave what runs on Apple silicon: signed again after they were changed', async () => {
  const packager = await linuxPackager({});
  const { FuseV1Options } = builder('@electron/fuses') as { FuseV1Options: Record<string, number> };
  const fuses = await packager.generateFuseConfig(description()['electronFuses']);
  expect(fuses['resetAdHocDarwinSignature']).toBe(true);
  expect(fuses[FuseV1Options['RunAsNode'] ?? '']).toBe(false);
  expect(fuses[FuseV1Options['OnlyLoadAppFromAsar'] ?? '']).toBe(true);
});

test('what a package brings beside its archive is made by the build, or is here', () => {
  const made = ['dist/programs', 'dist/THIRD-PARTY-NOTICES.txt', 'resources/worker/agent.cjs'];
  const resources = description()['extraResources'] as { from: string; to: string }[];
  for (const { from } of resources) expect(made.includes(from) || existsSync(join(ROOT, from)), from).toBe(true);
  expect(resources.map(({ to }) => to)).toEqual(
    expect.arrayContaining(['LICENSE', 'THIRD-PARTY-NOTICES.txt', 'runtime']),
  );
});

test('a package’s home page is where its sources came from, without anybody’s password', () => {
  expect(homepage({ GITHUB_SERVER_URL: 'https://forge.example', GITHUB_REPOSITORY: 'a/b' }, '')).toBe(
    'https://forge.example/a/b',
  );
  expect(homepage({}, 'https://me:secret@forge.example/a/b.git')).toBe('https://forge.example/a/b');
  expect(homepage({}, 'git@forge.example:a/b.git')).toBe('https://forge.example/a/b');
  expect(homepage({}, 'ssh://git@forge.example:2222/a/b.git')).toBe('https://forge.example/a/b');
  for (const nowhere of ['', '/srv/git/b.git', 'C:\\src\\b', 'file:///srv/b.git', '../b']) {
    expect(homepage({}, nowhere), nowhere).toBe('file:///opt/Caduceus/resources/');
  }
});
