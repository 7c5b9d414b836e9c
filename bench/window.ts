/**
 * How smoothly the window follows a big run: the production bundle in a headless Chromium, served by the real web
 * host, following a run of many workers through the same bridge as any other.
 *
 *     npm run bench -- window [--workers 100] [--hz 10] [--seconds 600] [--json]
 *
 * The run is a simulation, timing only, under ASP, told at the speed of its own clock: every worker ends `hz` local
 * iterations a second and pushes each. Measured after the first seconds: the time from one animation frame to the
 * next, tasks of the page over 50 ms, the heap after a collection (frames around a collection do not count), and
 * the first paint. Targets: p95 of frames at most 33.4 ms (two frames at 60 Hz), no task over 100 ms, no growth.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type CDPSession, chromium, type Page } from 'playwright-core';
import { createControlPlane } from '../main/control-plane.ts';
import { Desk } from '../main/control-plane/desk/desk.ts';
import { sourcePrograms } from '../main/control-plane/programs.ts';
import { parseCluster } from '../main/core/cluster.ts';
import { locateHome } from '../main/store/home.ts';
import { openStore } from '../main/store/runs.ts';
import { WebHost } from '../main/web/web-host.ts';
import { type BuiltWindow, buildWindow } from '../scripts/build-window.ts';
import { othersShare, readHost } from './host-share.ts';
import { type Pace, pacedControlPlane } from './paced-control-plane.ts';

const BATCH = 16;
/** Scripts are compiled and the first picture is drawn by then. */
const START_UP_MS = 5000;
const HEAP_SAMPLES = 12;
/** Around a collection that the measurement itself asks for. */
const COLLECTION_MS = 1500;
const LONG_TASK_MS = 100;
const CHROMIUM = process.env['CADUCEUS_CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--enable-precise-memory-info'],
];

export interface WindowRequest {
  workers: number;
  /** Local iterations of one worker in a second. */
  hz: number;
  seconds: number;
  /** What is not measured yet, at the beginning. */
  startUpMs?: number;
}

interface LongTask {
  atSeconds: number;
  ms: number;
  /** What the frame that it belongs to was spent on, where the browser tells; the rest waited for a processor. */
  spent: { scriptMs: number; drawMs: number; longestScript: string } | null;
}

/** Builds the production bundle below a folder. */
export type BuildWindow = (folder: string) => Promise<BuiltWindow>;

export interface WindowResult extends WindowRequest {
  frames: number;
  frameMs: { p50: number; p95: number; p99: number; max: number };
  /** Longest task after the start-up; null when none took 50 ms. */
  longestTaskMs: number | null;
  tasksOver100Ms: number;
  /** When the tasks over 100 ms began, in seconds since the start-up, and how long each took. */
  longTasks: LongTask[];
  /** How many tasks over 50 ms there were. */
  tasksOver50Ms: number;
  heapMegabytes: { first: number; last: number; slopePerMinute: number | null };
  firstPaintMs: number | null;
  initialScriptKilobytes: number;
  recordsPerSecond: number;
  /** How far the telling of records was behind at the end. */
  lateMs: number;
  /** Of the host's processors, 0 … 1; null where the system does not tell. */
  othersShare: number | null;
  /** Errors that the page reported. */
  errors: string[];
}

export async function measureWindow(request: WindowRequest, build: BuildWindow = buildWindow): Promise<WindowResult> {
  const scratch = mkdtempSync(join(tmpdir(), 'caduceus-window-'));
  const environment = { ...process.env, CADUCEUS_HOME: join(scratch, 'home') };
  const pace: Pace = { records: 0, lateMs: 0 };
  const controlPlane = createControlPlane(environment);
  const desk = new Desk({
    controlPlane: pacedControlPlane(controlPlane, pace),
    devices: controlPlane.devices,
    store: openStore(locateHome({ env: environment })),
    host: 'browser',
    capabilities: {
      ...{ choosesPaths: false, keepsSecrets: false },
      ...{ writesPdf: false, pdfObstacle: 'not here' },
    },
    datasetProgram: sourcePrograms().datasets,
  });
  let server: WebHost | undefined;
  let browser: Awaited<ReturnType<typeof chromium.launch>> | undefined;
  try {
    const { folder, initialScriptBytes } = await build(join(scratch, 'renderer'));
    server = await WebHost.start({ desk, folder, port: 0 });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(server.newAddress());
    await page.getByRole('navigation').waitFor();
    const firstPaintMs = await page.evaluate<number | null>(
      `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null`,
    );
    const run = await startRun(desk, request);
    await page.evaluate(`location.hash = '#/runs/${run}'`);
    await page.getByRole('region', { name: 'Table of workers' }).waitFor();
    await sleep(request.startUpMs ?? START_UP_MS);
    const before = pace.records;
    const host = readHost();
    const measured = await observe(page, request.seconds);
    return {
      ...request,
      ...measured,
      firstPaintMs,
      initialScriptKilobytes: initialScriptBytes / 1000,
      recordsPerSecond: (pace.records - before) / request.seconds,
      lateMs: pace.lateMs,
      othersShare: othersShare(host, readHost()),
      errors,
    };
  } finally {
    await browser?.close();
    await server?.close();
    await desk.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function startRun(desk: Desk, { workers, hz, seconds }: WindowRequest): Promise<string> {
  const speeds = [0.7, 0.9, 1, 1.1, 1.3];
  const cluster = parseCluster({
    name: `window-${workers}`,
    source: 'bench/window.ts',
    reference: { batch: BATCH },
    rows: 'on-devices',
    defaults: { jitter: 0.1 },
    link: { upBitsPerSecond: 1e10, downBitsPerSecond: 1e10, latencyMs: 0.5 },
    devices: Array.from({ length: workers }, (_, index) => ({
      name: `device-${index + 1}`,
      // The fixed costs of a push are small beside a step, so that the rate is nearly that of the steps.
      samplesPerSecond: BATCH * hz * 1.05 * (speeds[index % speeds.length] as number),
    })),
  });
  const started = await desk.calls['runs.simulate']({
    cluster: JSON.parse(JSON.stringify(cluster)) as never,
    config: {
      name: `${workers} workers`,
      policy: 'asp',
      batch: BATCH,
      learningRate: 0.001,
      dataset: { name: 'digits', trainRows: 10_000, testRows: 500 },
      evaluateEveryMs: 1000,
      stop: { maxSeconds: seconds + 120 },
    },
    timingOnly: true,
  });
  for (;;) {
    const job = (await desk.calls['jobs.list']({})).find(({ id }) => id === started.job);
    if (job?.outcome?.kind === 'run') return job.outcome.run;
    if (job?.error) throw new Error(`${job.error.code}: ${job.error.message}`);
    await sleep(50);
  }
}

type Measured = Pick<
  WindowResult,
  'frames' | 'frameMs' | 'longestTaskMs' | 'tasksOver50Ms' | 'tasksOver100Ms' | 'longTasks' | 'heapMegabytes'
>;

async function observe(page: Page, seconds: number): Promise<Measured> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  await page.evaluate(WATCH);
  const heap: { minute: number; megabytes: number }[] = [];
  const samples = Math.max(2, Math.min(HEAP_SAMPLES, Math.floor(seconds / 4)));
  const startedAt = performance.now();
  for (let sample = 0; sample < samples; sample++) {
    heap.push({
      minute: (performance.now() - startedAt) / 60_000,
      megabytes: await heapAfterCollection(page, session),
    });
    const next = startedAt + ((sample + 1) * seconds * 1000) / samples;
    await sleep(Math.max(0, next - performance.now()));
  }
  const { frames, tasks, slow, beganAt } = await page.evaluate<{
    frames: number[];
    tasks: { at: number; ms: number }[];
    slow: SlowFrame[];
    beganAt: number;
  }>(`window.measuring`);
  const long = tasks.filter(({ ms }) => ms > LONG_TASK_MS);
  const sorted = frames.sort((left, right) => left - right);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return {
    frames: frames.length,
    frameMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? NaN },
    longestTaskMs: tasks.length === 0 ? null : Math.max(...tasks.map(({ ms }) => ms)),
    tasksOver100Ms: long.length,
    tasksOver50Ms: tasks.length,
    longTasks: long.map((task) => ({
      atSeconds: (task.at - beganAt) / 1000,
      ms: task.ms,
      spent: spentOf(slow.find(({ at, ms }) => at < task.at + task.ms && task.at < at + ms)),
    })),
    heapMegabytes: {
      first: heap[0]?.megabytes ?? NaN,
      last: heap.at(-1)?.megabytes ?? NaN,
      slopePerMinute: slope(heap.slice(Math.floor(heap.length / 4))),
    },
  };
}

/** A long animation frame as the page tells it. */
interface SlowFrame {
  at: number;
  ms: number;
  drawMs: number;
  scripts: { name: string; ms: number }[];
}

function spentOf(frame: SlowFrame | undefined): LongTask['spent'] {
  if (frame === undefined) return null;
  const longest = frame.scripts.reduce<SlowFrame['scripts'][number] | undefined>(
    (most, script) => (most === undefined || script.ms > most.ms ? script : most),
    undefined,
  );
  return {
    scriptMs: frame.scripts.reduce((sum, { ms }) => sum + ms, 0),
    drawMs: frame.drawMs,
    longestScript: longest === undefined ? 'none' : `${longest.name} ${longest.ms.toFixed(0)} ms`,
  };
}

async function heapAfterCollection(page: Page, session: CDPSession): Promise<number> {
  await page.evaluate(`window.measuring.isPaused = true`);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await sleep(COLLECTION_MS);
  await page.evaluate(`window.measuring.isPaused = false`);
  return usedSize / 1e6;
}

/** Runs in the page, which has a document; this program has none. */
const WATCH = `{
  const measuring = (window.measuring = { frames: [], tasks: [], slow: [], isPaused: false, beganAt: performance.now() });
  let before = 0;
  const frame = (now) => {
    if (!measuring.isPaused && before > 0) measuring.frames.push(now - before);
    before = measuring.isPaused ? 0 : now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => {
    if (!measuring.isPaused) for (const { startTime, duration } of list.getEntries()) measuring.tasks.push({ at: startTime, ms: duration });
  }).observe({ type: 'longtask' });
  new PerformanceObserver((list) => {
    if (!measuring.isPaused)
      for (const { startTime, duration, styleAndLayoutStart, scripts } of list.getEntries())
        measuring.slow.push({
          at: startTime,
          ms: duration,
          drawMs: styleAndLayoutStart === 0 ? 0 : startTime + duration - styleAndLayoutStart,
          scripts: scripts.map((script) => ({ name: script.invoker + ' ' + script.sourceFunctionName, ms: script.duration })),
        });
  }).observe({ type: 'long-animation-frame' });
}`;

/** Least squares; null for fewer than three samples. */
function slope(samples: readonly { minute: number; megabytes: number }[]): number | null {
  if (samples.length < 3) return null;
  const mean = (of: (sample: { minute: number; megabytes: number }) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [x, y] = [mean(({ minute }) => minute), mean(({ megabytes }) => megabytes)];
  const across = samples.reduce((sum, { minute, megabytes }) => sum + (minute - x) * (megabytes - y), 0);
  return across / samples.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0);
}

function report(result: WindowResult): string {
  const { frameMs, heapMegabytes: heap, firstPaintMs, longestTaskMs } = result;
  const ms = (value: number | null): string => (value === null ? 'not measured' : `${value.toFixed(1)} ms`);
  return [
    `${result.workers} workers at ${result.hz} Hz for ${result.seconds} s: ${result.recordsPerSecond.toFixed(0)} records/s, ${result.lateMs.toFixed(0)} ms late at the end`,
    `frames      ${result.frames}, p50 ${ms(frameMs.p50)}, p95 ${ms(frameMs.p95)}, p99 ${ms(frameMs.p99)}, longest ${ms(frameMs.max)}`,
    `tasks       longest ${longestTaskMs === null ? 'under 50 ms' : ms(longestTaskMs)}, over 50 ms: ${result.tasksOver50Ms}, over 100 ms: ${result.tasksOver100Ms}`,
    ...result.longTasks.map(
      ({ atSeconds, ms: took, spent }) =>
        `            ${took.toFixed(0)} ms at ${atSeconds.toFixed(0)} s${spent === null ? '' : `: scripts ${spent.scriptMs.toFixed(0)} ms, style, layout and drawing ${spent.drawMs.toFixed(0)} ms; longest ${spent.longestScript}`}`,
    ),
    `heap        ${heap.first.toFixed(1)} MB at first, ${heap.last.toFixed(1)} MB at last, slope ${heap.slopePerMinute === null ? 'not measured' : `${heap.slopePerMinute.toFixed(2)} MB a minute`}`,
    `first paint ${ms(firstPaintMs)}; ${result.initialScriptKilobytes.toFixed(1)} kB of scripts at first, gzip`,
    `host        ${result.othersShare === null ? 'not known what others had of it' : `other programs had ${(100 * result.othersShare).toFixed(0)} % of its processors`}`,
    ...result.errors.map((error) => `page error: ${error}`),
  ].join('\n');
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      workers: { type: 'string', default: '100' },
      hz: { type: 'string', default: '10' },
      seconds: { type: 'string', default: '600' },
      json: { type: 'boolean', default: false },
    },
  });
  const request = { workers: Number(values.workers), hz: Number(values.hz), seconds: Number(values.seconds) };
  const result = await measureWindow(request);
  console.log(values.json ? JSON.stringify(result) : report(result));
}
