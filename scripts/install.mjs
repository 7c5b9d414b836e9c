/**
 * Brings node_modules up to date with package-lock.json, once, however many starts ask at the same
 * time. Plain JavaScript: it runs on the host's Node, before anything is installed.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOCK_POLL_MS = 250;
/** A start gives up waiting for another start's install after this time. */
const LOCK_WAIT_MS = 20 * 60_000;
/** An owner writes its name at once; a lock that stays empty this long has lost its owner. */
const LOCK_UNNAMED_MS = 5000;

/** A start that cannot go on: what happened, and what the reader can do about it. */
export class StartFailure extends Error {
  /**
   * @param {string} message
   * @param {string} remedy
   * @param {number} [exitCode]
   */
  constructor(message, remedy, exitCode = 1) {
    super(message);
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}

/** @param {string} line */
function say(line) {
  console.error(`caduceus: ${line}`);
}

/**
 * Installs when needed. `complete` answers whether what an install must leave behind is there.
 * @param {string} root
 * @param {() => boolean} complete
 */
export async function ensureInstalled(root, complete) {
  if (isCurrent(root) && complete()) return;
  const release = await takeLock(root);
  try {
    if (isCurrent(root) && complete()) return;
    await install(root);
    writeStamp(root);
  } finally {
    release();
  }
}

/** @param {string} root */
function stampFile(root) {
  return join(root, 'node_modules', '.caduceus-install');
}

/** @param {string} root */
function lockFileHash(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/** @param {string} root */
function writeStamp(root) {
  try {
    writeFileSync(stampFile(root), `${lockFileHash(root)}\n`);
  } catch {
    // A node_modules that cannot be written only costs the next start a longer look.
  }
}

/**
 * True when node_modules holds what the lock file asks for, whoever installed it.
 * @param {string} root
 */
function isCurrent(root) {
  const stamp = stampFile(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === lockFileHash(root)) return true;
  if (!holdsLockedPackages(root)) return false;
  writeStamp(root);
  return true;
}

/**
 * Compares the lock file with the record that npm keeps of what it has installed.
 * @param {string} root
 */
export function holdsLockedPackages(root) {
  /** @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }} Entry */
  /** @type {(file: string) => Record<string, Entry>} */
  const packagesIn = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  try {
    const wanted = packagesIn(join(root, 'package-lock.json'));
    const present = packagesIn(join(root, 'node_modules', '.package-lock.json'));
    return Object.entries(wanted).every(([path, entry]) => {
      if (path === '') return true;
      const found = present[path];
      if (found === undefined) return entry.optional === true || entry.devOptional === true;
      return found.version === entry.version && found.integrity === entry.integrity;
    });
  } catch {
    return false; // never installed, or interrupted while installing
  }
}

/**
 * The lock is a file beside node_modules that names its owner. Returns the function that gives it back.
 * @param {string} root
 */
async function takeLock(root) {
  const file = join(root, '.caduceus-installing');
  const deadline = Date.now() + LOCK_WAIT_MS;
  let told = false;
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'EEXIST') {
        const why = error instanceof Error ? error.message : String(error);
        throw new StartFailure(`cannot install into this folder (${why})`, 'Use a folder that you may write to.');
      }
    }
    dropLockOfTheDead(file);
    if (Date.now() > deadline) {
      throw new StartFailure('another start has been installing for too long', `Delete ${file} and start again.`);
    }
    if (!told) say('another start is installing the dependencies; waiting for it');
    told = true;
    await sleep(LOCK_POLL_MS);
  }
}

/** @param {string} file */
function dropLockOfTheDead(file) {
  try {
    const owner = readFileSync(file, 'utf8');
    if (owner === '' ? Date.now() - statSync(file).mtimeMs < LOCK_UNNAMED_MS : isAlive(Number(owner))) return;
    // Renaming first makes sure that only one of several waiting starts removes it.
    const aside = `${file}-${process.pid}`;
    renameSync(file, aside);
    rmSync(aside, { force: true });
  } catch {
    // Gone in the meantime: its owner has finished.
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Runs `npm ci` with everything it says on standard error.
 * @param {string} root
 */
async function install(root) {
  const modules = join(root, 'node_modules') + sep;
  if (process.platform === 'win32' && process.execPath.startsWith(modules)) {
    // Windows cannot replace a program that is running, and npm puts the installed Node first in PATH.
    throw new StartFailure('the dependencies have changed', 'Run `npm ci`, then start again.');
  }
  say('installing the dependencies (npm ci); this happens once, and again when package-lock.json changes');
  const startedMs = Date.now();
  const { code, signal } = await npmCi(root, modules);
  if (signal !== null) throw new StartFailure('the install was interrupted', 'Start again to finish it.', 130);
  if (code !== 0) {
    const remedy = 'Read the lines of npm above: most often the network or a full disk. Then start again.';
    throw new StartFailure(`installing the dependencies failed (npm ci ended with ${code})`, remedy, code ?? 1);
  }
  say(`dependencies installed in ${Math.round((Date.now() - startedMs) / 1000)} s`);
}

/**
 * @param {string} root
 * @param {string} modules
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null }>}
 */
function npmCi(root, modules) {
  const flags = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = findNpm();
  const pathName = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  // Without node_modules/.bin in PATH: its `node` vanishes while npm works.
  const path = (process.env[pathName] ?? '').split(delimiter).filter((entry) => !entry.startsWith(modules));
  mkdirSync(modules, { recursive: true });
  return new Promise((resolve, reject) => {
    const child = spawn(npm.program, [...npm.args, ...flags], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      env: { ...process.env, [pathName]: path.join(delimiter) },
      shell: npm.shell,
    });
    /** @type {NodeJS.Signals | null} */
    let interrupted = null;
    /** @param {NodeJS.Signals} signal */
    const onSignal = (signal) => {
      interrupted = signal;
      if (process.platform !== 'win32') child.kill('SIGTERM');
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    child.on('error', (error) => {
      reject(new StartFailure(`npm does not start (${error.message})`, 'Install npm 10 or newer, then start again.'));
    });
    child.on('close', (code, signal) => {
      process.removeListener('SIGINT', onSignal);
      process.removeListener('SIGTERM', onSignal);
      resolve({ code, signal: interrupted ?? signal });
    });
  });
}

/**
 * npm as a program that can be started without a shell, wherever that can be found.
 * @returns {{ program: string, args: string[], shell: boolean }}
 */
function findNpm() {
  const { npm_execpath: cli, npm_node_execpath: node } = process.env;
  if (cli?.endsWith('.js') && node && existsSync(cli) && existsSync(node)) {
    return { program: node, args: [cli], shell: false };
  }
  if (process.platform !== 'win32') return { program: 'npm', args: [], shell: false };
  const beside = join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  if (existsSync(beside)) return { program: process.execPath, args: [beside], shell: false };
  return { program: 'npm.cmd', args: [], shell: true }; // its arguments are constants: nothing to quote
}
