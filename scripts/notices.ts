/**
 * THIRD-PARTY-NOTICES: what is distributed with the app besides our own code, and on which terms. Made at
 * build time of the files that really went into the bundles, so that nothing is forgotten or claimed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { nodeLicenceFile } from './node-licence.mjs';
import { ROOT } from './source-tree.ts';

export interface Package {
  name: string;
  version: string;
  /** SPDX. */
  licence: string;
  author: string;
  /** What its licence and notice files say; empty where it has none. */
  text: string;
}

interface Manifest {
  name?: string;
  version?: string;
  license?: string | { type?: string };
  /** As it was written ten years ago. */
  licenses?: { type?: string }[];
  author?: string | { name?: string };
}

const LICENCE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;
const MARK = `${sep}node_modules${sep}`;

/** The packages that files come from, by name. @param files from the root of the repository, or absolute. */
export function packagesOf(files: Iterable<string>): Package[] {
  const folders = new Set<string>();
  for (const file of files) {
    // Bundlers put the name of a loader before a path, and questions behind it.
    const path = resolve(
      ROOT,
      file
        .replace(/^[a-z-]{2,}:/, '')
        .replace(/^\0/, '')
        .replace(/\?.*$/, ''),
    );
    const at = path.lastIndexOf(MARK);
    if (at < 0) continue;
    const parts = path.slice(at + MARK.length).split(sep);
    folders.add(path.slice(0, at) + MARK + parts.slice(0, parts[0]?.startsWith('@') ? 2 : 1).join(sep));
  }
  const packages = new Map([...folders].map(readPackage).map((each) => [`${each.name}@${each.version}`, each]));
  return [...packages.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function readPackage(folder: string): Package {
  const {
    name = '',
    version = '',
    license,
    licenses,
    author,
  } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const texts = readdirSync(folder).filter((file) => LICENCE_FILE.test(file));
  return {
    name,
    version,
    licence: (typeof license === 'string' ? license : (license ?? licenses?.[0])?.type) ?? 'see its text',
    author: (typeof author === 'string' ? author : author?.name) ?? '',
    text: texts.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n'),
  };
}

/** The Node that is shipped, with all that it has in it itself. */
function shippedNode(): Package {
  const modules = join(ROOT, 'node_modules');
  const file = nodeLicenceFile(modules);
  if (file === undefined) {
    throw new Error('The licence of Node.js is not there: its package was installed without scripts. Run "npm ci".');
  }
  const { version = '' } = JSON.parse(readFileSync(join(modules, 'node', 'package.json'), 'utf8')) as Manifest;
  return {
    name: 'Node.js',
    version,
    licence: 'MIT and others',
    author: 'Node.js contributors',
    text: readFileSync(file, 'utf8').trim(),
  };
}

const RULE = '='.repeat(80);

export function noticesOf(packages: readonly Package[], node: Package = shippedNode()): string {
  const all = [...packages, node];
  const wanting = new Set(all.filter(({ text }) => text === '').map(({ licence }) => licence));
  const standard = [...wanting].map((licence) => standardText(licence));
  return [
    'Caduceus contains what is listed here, in whole or in part, on the terms below. Electron and Chromium,',
    'which the desktop app runs in, bring theirs beside the program: LICENSE.electron.txt, LICENSES.chromium.html.',
    '',
    ...all.map(({ name, version, licence }) => `  ${name} ${version} (${licence})`),
    ...all.flatMap(({ name, version, licence, author, text }) => [
      '',
      RULE,
      `${name} ${version}`,
      `Licence: ${licence}`,
      ...(author === '' ? [] : [`Copyright: ${author}`]),
      '',
      text === '' ? `The text of ${licence} is at the end.` : text,
    ]),
    ...standard.flatMap((text) => ['', RULE, text]),
    '',
  ].join('\n');
}

/** Of licences whose text is the same for everybody. */
function standardText(licence: string): string {
  const file = join(ROOT, 'resources', 'licences', `${licence}.txt`);
  try {
    return `${licence}\n\n${readFileSync(file, 'utf8').trim()}`;
  } catch (error) {
    throw new Error(`a package under ${licence} brings no text of it, and ${file} is not there`, { cause: error });
  }
}
