/**
 * What a package must be able to do, done: its own Node runs, a cluster is simulated, a worker of this machine
 * trains, reports are written. All of it goes through the programs beside the archive, so it also shows that
 * this process and that Node, each with a V8 of its own, understand each other's messages.
 */
import { execFile } from 'node:child_process';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createControlPlane, type HostServices } from '../main/control-plane.ts';
import type { RunHandle, RunObserver } from '../main/core/control-plane-api.ts';

export interface Finding {
  what: string;
  ok: boolean;
  seconds: number;
  /** What came out, or what went wrong. */
  found: string;
}

export type PackageParts = Pick<HostServices, 'programs'> & Partial<Pick<HostServices, 'printPdf'>>;

/** Of each part: a simulation and a training of seconds, on the slowest machine that builds packages. */
const PART_MS = 180_000;
const NODE_MS = 20_000;
const OLDEST_NODE = 24;
const MIB = 2 ** 20;

const ROWS = { dataset: { name: 'digits', trainRows: 600, testRows: 200 }, validationRows: 100 };

/** @param home an empty data directory for it. */
export async function testPackage(parts: PackageParts, home: string): Promise<Finding[]> {
  const { programs } = parts;
  const findings: Finding[] = [];
  const check = async (what: string, act: () => string | Promise<string>): Promise<void> => {
    const begun = performance.now();
    const done = (ok: boolean, found: string): void => {
      findings.push({ what, ok, seconds: Math.round((performance.now() - begun) / 100) / 10, found });
    };
    try {
      done(true, await withinTime(Promise.resolve(act())));
    } catch (error) {
      done(false, error instanceof Error ? error.message : String(error));
    }
  };

  await check('files', () => Object.values(programs).map(sizeOf).join(', '));
  await check('node', () => versionOf(programs.node));
  const controlPlane = createControlPlane({ ...process.env, CADUCEUS_HOME: home }, parts);
  try {
    await check('simulate', () =>
      followed((observer) =>
        controlPlane.simulate(
          { cluster: 'hermes-6', config: { policy: 'hermes', ...ROWS, stop: { maxSeconds: 5 } }, timingOnly: false },
          observer,
        ),
      ),
    );
    await check('train', () =>
      followed((observer) =>
        controlPlane.startRun(
          { policy: 'bsp', ...ROWS, workers: { local: 1, engine: 'wasm' }, stop: { maxSeconds: 2 } },
          observer,
        ),
      ),
    );
    const report = async (format: string, beginning: string): Promise<string> => {
      const files = await controlPlane.writeReports({
        runs: ['latest'],
        formats: [format],
        directory: join(home, 'out'),
      });
      return files.map((file) => proven(file, beginning)).join(', ');
    };
    await check('html', () => report('html', '<!doctype html>'));
    if (parts.printPdf !== undefined) await check('pdf', () => report('pdf', '%PDF-'));
  } finally {
    controlPlane.close();
  }
  return findings;
}

function sizeOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size === 0) throw new Error(`${file} is not there`);
  return `${basename(file)} ${(found.size / MIB).toFixed(2)} MiB`;
}

function versionOf(node: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(node, ['--version'], { timeout: NODE_MS }, (error, stdout) => {
      const version = stdout.trim();
      if (error) reject(new Error(`${node} does not run: ${error.message}`));
      else if (!(Number(/^v(\d+)\./.exec(version)?.[1]) >= OLDEST_NODE)) reject(new Error(`${node} says ${version}`));
      else resolve(version);
    });
  });
}

async function followed(start: (observer: RunObserver) => Promise<RunHandle>): Promise<string> {
  const { whenDone } = await start({});
  const { iterations, accuracy, samples } = await whenDone;
  if (!(iterations > 0 && accuracy > 0)) throw new Error(`${iterations} iterations, test accuracy ${accuracy}`);
  return `${iterations} iterations, ${samples} samples, test accuracy ${accuracy.toFixed(3)}`;
}

function proven(file: string, beginning: string): string {
  const head = Buffer.alloc(beginning.length);
  const opened = openSync(file, 'r');
  readSync(opened, head);
  closeSync(opened);
  if (head.toString('latin1').toLowerCase() !== beginning.toLowerCase()) throw new Error(`${file} is no such report`);
  return sizeOf(file);
}

async function withinTime(work: Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${PART_MS / 1000} s`)), PART_MS);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
