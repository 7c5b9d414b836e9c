/**
 * The start behind every npm script: `node scripts/run.mjs <what> [arguments]`.
 *
 * It needs nothing but the host's Node (20 or newer) and npm. It installs the dependencies when they
 * are missing or older than the lock file, then runs <what> with the Node 24 that came with them.
 * <what> is a file of this repository, or a command of one of its packages (`vitest`, `eslint`, …).
 * Standard output belongs to <what> alone; everything said here goes to standard error.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled, StartFailure } from './install.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const HOST_NODE_MINIMUM = 20;
const NODE_MINIMUM = 24;
/** A signal that arrives twice within this time (from npm and from the group) is passed on once. */
const SIGNAL_REPEAT_MS = 1000;
const PARENT_POLL_MS = 250;

/** Commands whose package has another name. */
const PACKAGE_OF = new Map([['tsc', 'typescript']]);

/** @param {string} version */
function majorOf(version) {
  return Number(version.split('.')[0]);
}

/** The Node to run with: CADUCEUS_NODE, the one in node_modules, or the host's own when new enough. */
function findNode() {
  if (process.env.CADUCEUS_NODE) return process.env.CADUCEUS_NODE;
  const installed = join(ROOT, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(installed)) return installed;
  return majorOf(process.versions.node) >= NODE_MINIMUM ? process.execPath : undefined;
}

/**
 * The file to run for a file name of this repository or a command's name.
 * @param {string} what
 */
function findTarget(what) {
  const file = resolve(ROOT, what);
  if (/\.[cm]?[jt]s$/.test(what)) {
    if (existsSync(file)) return file;
    throw new StartFailure(`there is no file ${what} in this repository`, 'Check the script in package.json.');
  }
  const folder = join(ROOT, 'node_modules', PACKAGE_OF.get(what) ?? what);
  const manifest = join(folder, 'package.json');
  const bin = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).bin : undefined;
  const entry = typeof bin === 'string' ? bin : bin?.[what];
  if (typeof entry === 'string') return join(folder, entry);
  throw new StartFailure(`no installed package has a command ${what}`, 'Check the script in package.json.');
}

/**
 * The environment of the child: the same, with its Node first in PATH.
 * @param {string} node
 */
function environmentFor(node) {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const path = process.env[name];
  // Sources are TypeScript: what was made of them once is read again at the next start.
  const compiled = process.env.NODE_COMPILE_CACHE ?? join(ROOT, '.cache', 'node');
  return {
    ...process.env,
    NODE_COMPILE_CACHE: compiled,
    [name]: path ? dirname(node) + delimiter + path : dirname(node),
  };
}

/**
 * Runs the target to its end and ends the same way: same exit code, same signal.
 * @param {string} node
 * @param {string[]} args
 */
function runToEnd(node, args) {
  const child = spawn(node, args, { cwd: ROOT, stdio: 'inherit', env: environmentFor(node) });
  const lastPassedOn = new Map();

  /** @param {NodeJS.Signals} signal */
  function passOn(signal) {
    // Windows has no signals to send: its console tells every process of the window by itself.
    if (process.platform === 'win32') return;
    const now = Date.now();
    if (now - (lastPassedOn.get(signal) ?? 0) < SIGNAL_REPEAT_MS) return;
    lastPassedOn.set(signal, now);
    child.kill(signal);
  }

  /** @param {NodeJS.Signals} signal */
  function fromTerminal(signal) {
    // Ctrl-C at a terminal reaches the whole foreground group, the child included.
    if (!process.stdin.isTTY) passOn(signal);
  }

  process.on('SIGINT', fromTerminal);
  process.on('SIGHUP', fromTerminal);
  process.on('SIGTERM', passOn);
  if (process.platform === 'win32') process.on('SIGBREAK', fromTerminal);

  // npm tells only its shell of a SIGTERM, and the shell dies of it without a word: notice that.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event !== undefined && process.platform !== 'win32') {
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      passOn('SIGTERM');
    }, PARENT_POLL_MS);
  }

  child.on('error', (error) => {
    const remedy = 'Install Node 24 or newer and set CADUCEUS_NODE to the path of its program.';
    report(new StartFailure(`the Node at ${node} does not start (${error.message})`, remedy), args);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    if (process.platform === 'win32') process.exit(1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // The signal was one that does not end this process: say it with the exit code.
    setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
  });
}

/**
 * @param {unknown} thrown
 * @param {readonly string[]} args
 */
function report(thrown, args) {
  if (!(thrown instanceof StartFailure)) throw thrown;
  const { message, remedy } = thrown;
  console.error(`caduceus: ${message}. ${remedy}`);
  if (args.includes('--json')) console.log(JSON.stringify({ error: { code: 'CAD-INSTALL', message, remedy } }));
}

async function main() {
  const [what, ...rest] = process.argv.slice(2);
  try {
    if (majorOf(process.versions.node) < HOST_NODE_MINIMUM) {
      const message = `Node ${process.versions.node} is too old, ${HOST_NODE_MINIMUM} is the oldest that works`;
      throw new StartFailure(message, 'Install a newer Node from https://nodejs.org and start again.');
    }
    if (what === undefined) throw new StartFailure('nothing to run', 'Usage: node scripts/run.mjs <what> [arguments]');
    await ensureInstalled(ROOT, () => findNode() !== undefined);
    const node = findNode();
    if (node === undefined) {
      const remedy =
        "Allow install scripts for the package 'node' (npm rebuild node), or install Node 24 on this machine.";
      throw new StartFailure('the install left no Node 24', remedy);
    }
    runToEnd(node, [findTarget(what), ...rest]);
  } catch (thrown) {
    report(thrown, rest);
    process.exit(thrown instanceof StartFailure ? thrown.exitCode : 1);
  }
}

await main();
