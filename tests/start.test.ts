/** The start behind every npm script, in a small repository of its own with a stand-in for npm. */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPTS = join(dirname(import.meta.dirname), 'scripts');
const ON_WINDOWS = process.platform === 'win32';

/** Stands in for npm: notes the call, takes its time, leaves npm's record of what it installed. */
const FAKE_NPM = `
const fs = require('node:fs');
fs.appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
console.log('npm talks');
setTimeout(() => {
  if (fs.existsSync('npm-fails')) process.exit(7);
  fs.mkdirSync('node_modules', { recursive: true });
  fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
}, 300);
`;
const ECHO = `console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = Number(process.argv[2] ?? 0);`;
const PATIENT = `
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { console.log(signal); setTimeout(() => process.exit(42), 200); });
console.log(process.pid);
setTimeout(() => {}, 15_000);
`;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'caduceus-start-'));
  mkdirSync(join(root, 'scripts'));
  for (const file of ['run.mjs', 'install.mjs']) cpSync(join(SCRIPTS, file), join(root, 'scripts', file));
  writeFileSync(join(root, 'npm.js'), FAKE_NPM);
  writeFileSync(join(root, 'echo.js'), ECHO);
  writeFileSync(join(root, 'patient.js'), PATIENT);
  writeFileSync(join(root, 'package.json'), '{}');
  lock('1.0.0');
});

afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }));

function lock(version: string): void {
  const packages = { '': {}, 'node_modules/some': { version }, 'node_modules/other': { version, optional: true } };
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }));
}

function npmCalls(): string[] {
  const file = join(root, 'npm-calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

function start(
  args: string[],
  onOutput?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  const env = { ...process.env, npm_execpath: join(root, 'npm.js'), npm_node_execpath: process.execPath };
  const child = spawn(process.execPath, [join(root, 'scripts', 'run.mjs'), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, CADUCEUS_NODE: process.execPath },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    onOutput?.(stdout, (signal) => child.kill(signal));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

describe('installing', () => {
  it('happens at the first start only, and leaves standard output to what runs', async () => {
    const first = await start(['echo.js', '0', 'two words']);
    expect(first).toMatchObject({ code: 0, stdout: '["0","two words"]\n' });
    expect(first.stderr).toContain('npm talks');
    expect(npmCalls()).toHaveLength(1);
    expect(npmCalls()[0]).toMatch(/^ci --include=dev /);

    const second = await start(['echo.js']);
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(npmCalls()).toHaveLength(1);
  });

  it('happens again when the lock file changes', async () => {
    await start(['echo.js']);
    lock('1.0.1');
    await start(['echo.js']);
    expect(npmCalls()).toHaveLength(2);
  });

  it('is not repeated after a plain npm install, even without the optional packages', async () => {
    mkdirSync(join(root, 'node_modules'));
    const packages = { 'node_modules/some': { version: '1.0.0' } };
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }));
    expect(await start(['echo.js'])).toMatchObject({ code: 0, stderr: '' });
    expect(npmCalls()).toEqual([]);
  });

  it('happens once for two starts at the same time', async () => {
    const ended = await Promise.all([start(['echo.js']), start(['echo.js'])]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(npmCalls()).toHaveLength(1);
  });

  it('does not wait for a start that has died', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeFileSync(join(root, '.caduceus-installing'), String(pid));
    expect(await start(['echo.js'])).toMatchObject({ code: 0 });
    expect(existsSync(join(root, '.caduceus-installing'))).toBe(false);
  });

  it('says what to do when it fails, and runs nothing', async () => {
    writeFileSync(join(root, 'npm-fails'), '');
    const ended = await start(['echo.js', '--json']);
    expect(ended.code).toBe(7);
    expect(ended.stderr).toContain('npm ci ended with 7');
    const { error } = JSON.parse(ended.stdout) as { error: { code: string; remedy: string } };
    expect(error.code).toBe('CAD-INSTALL');
    expect(error.remedy).toContain('Then start again');
    expect(existsSync(join(root, '.caduceus-installing'))).toBe(false);
  });
});

describe('running', () => {
  it('ends with the exit code of what it ran', async () => {
    expect(await start(['echo.js', '3'])).toMatchObject({ code: 3, stdout: '["3"]\n' });
  });

  it('refuses what is not there', async () => {
    const ended = await start(['missing.ts']);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('there is no file missing.ts');
    expect((await start(['no-such-command'])).stderr).toContain('no installed package has a command no-such-command');
  });

  it.skipIf(ON_WINDOWS).each(['SIGINT', 'SIGTERM'] as const)('passes %s on and waits for the end', async (signal) => {
    let sent = false;
    const ended = await start(['patient.js'], (text, kill) => {
      if (!sent && text.includes('\n')) kill(signal);
      sent ||= text.includes('\n');
    });
    expect(ended.code).toBe(42);
    expect(ended.stdout.trim().split('\n').slice(1)).toEqual([signal]);
  });

  it.skipIf(ON_WINDOWS)('ends by the signal that ended what it ran', async () => {
    const ended = await start(['patient.js'], (text) => text.includes('\n') && process.kill(Number(text), 'SIGKILL'));
    expect(ended.signal).toBe('SIGKILL');
  });
});
