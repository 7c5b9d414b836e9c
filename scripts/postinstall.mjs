/**
 * Runs after every install: keeps the licence of Node, and says, in one line, what this host does without. It
 * downloads nothing and never fails: Electron's binary is fetched by what needs it, and tfjs-node is an optional
 * dependency that npm has already tried.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepNodeLicence } from './node-licence.mjs';

const MODULES = join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules');

function hasElectronBinary() {
  try {
    const folder = join(MODULES, 'electron');
    const program = readFileSync(join(folder, 'path.txt'), 'utf8');
    return existsSync(join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), program));
  } catch {
    return false;
  }
}

function hasNativeTensorflow() {
  try {
    const folder = join(MODULES, '@tensorflow', 'tfjs-node', 'lib');
    return readdirSync(folder).some((name) => existsSync(join(folder, name, 'tfjs_binding.node')));
  } catch {
    return false;
  }
}

try {
  keepNodeLicence(MODULES);
} catch (error) {
  console.log(`caduceus: the licence of Node was not kept (${error instanceof Error ? error.message : String(error)})`);
}

const missing = [];
if (!hasElectronBinary()) missing.push("without Electron's binary (the command line does not need it)");
if (!hasNativeTensorflow()) missing.push('without tfjs-node (workers train on WebAssembly)');
if (missing.length > 0) console.log(`caduceus: installed ${missing.join(' and ')}`);
