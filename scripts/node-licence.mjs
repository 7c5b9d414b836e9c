/**
 * The licence of the Node that packages ship. It comes in a package within the package `node`, which an `npm install`
 * over another takes away (it is in no lock file); the binary stays. So every install keeps the text beside the
 * binary, where it goes when npm replaces that by another version, and not before.
 */
import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} modules the folder node_modules */
function kept(modules) {
  return join(modules, 'node', 'LICENSE');
}

/**
 * Where its text is; undefined when nobody has it.
 * @param {string} modules the folder node_modules
 */
export function nodeLicenceFile(modules) {
  if (existsSync(kept(modules))) return kept(modules);
  for (const folder of [join(modules, 'node', 'node_modules'), modules]) {
    if (!existsSync(folder)) continue;
    const binary = readdirSync(folder).filter((name) => /^node-(linux|darwin|win)-/.test(name));
    const file = binary.map((name) => join(folder, name, 'LICENSE')).find((path) => existsSync(path));
    if (file !== undefined) return file;
  }
  return undefined;
}

/**
 * After an install; nothing where there is no text to keep.
 * @param {string} modules the folder node_modules
 */
export function keepNodeLicence(modules) {
  const file = nodeLicenceFile(modules);
  if (file !== undefined && file !== kept(modules)) copyFileSync(file, kept(modules));
}
