/**
 * The first promise of the README, kept on a fresh clone: `npm run demo` alone installs, builds, trains
 * and reports, within five minutes. The clone is of what is committed.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../main/core/control-plane-api.ts';

const MOST_MS = 5 * 60_000;
const directory = mkdtempSync(join(tmpdir(), 'caduceus-demo-'));
const clone = join(directory, 'clone');
const home = join(directory, 'home');

// A whole node_modules takes its time.
afterAll(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }), 120_000);

/** What a user's shell has: nothing of the npm, the Node and the vitest that run this test. */
function freshEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|vitest|node_|caduceus_|init_cwd$|ci$)/i.test(name),
  );
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter), CADUCEUS_HOME: home };
}

function npm(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn('npm', args, {
    cwd: clone,
    env: freshEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

describe('npm run demo on a fresh clone', () => {
  let code: number | null;
  let said: string;
  let tookMs: number;
  let runs: RunSummary[];

  beforeAll(async () => {
    execFileSync('git', ['clone', '--quiet', '--no-hardlinks', dirname(import.meta.dirname), clone]);
    expect(existsSync(join(clone, 'node_modules'))).toBe(false);
    const startedMs = performance.now();
    const ended = await npm('run', 'demo');
    tookMs = performance.now() - startedMs;
    code = ended.code;
    said = ended.stdout + ended.stderr;
    process.stderr.write(`${said}\nnpm run demo took ${(tookMs / 1000).toFixed(1)} s, the install included\n`);
    const list = await npm('run', '-s', 'caduceus', '--', 'runs', '--json');
    ({ runs } = JSON.parse(list.stdout) as { runs: RunSummary[] });
  }, 2 * MOST_MS);

  it('exits with 0 within five minutes', () => {
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(MOST_MS);
  });

  it('trains Hermes and BSP to 95 % on the same seed, with four workers each', () => {
    expect(runs.map(({ config }) => config.policy)).toEqual(['bsp', 'hermes']); // newest first
    for (const { status, config, result } of runs) {
      expect(status).toBe('completed');
      expect(config).toMatchObject({ seed: 1, workers: { local: 4 }, stop: { targetAccuracy: 0.95 } });
      expect(result).toMatchObject({ reachedTarget: true, endReason: 'target' });
      expect(result?.validation?.accuracy).toBeGreaterThanOrEqual(0.95);
      expect(result?.workers).toHaveLength(4);
    }
  });

  it('prints the comparison and the path of a report that is there', () => {
    expect(said).toMatch(/^ +to 95 % +test accuracy +pushes +sent +saved +waiting$/m);
    expect(said).toMatch(/^Hermes +\d/m);
    expect(said).toMatch(/^BSP +\d/m);
    const [, report = ''] = /^Report: (.+)$/m.exec(said) ?? [];
    const page = readFileSync(report, 'utf8');
    expect(page.startsWith('<!doctype html>')).toBe(true);
    for (const { run } of runs) expect(page.includes(run)).toBe(true);
  });
});
