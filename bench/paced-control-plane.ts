/**
 * A control plane whose simulations are told at the speed of their own clock: as many records a second reach
 * its listeners as a real run of the same devices would send. Nothing is made up: the records are those of the
 * simulation, each held back until its moment.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlaneApi, RunHandle, RunObserver } from '../main/core/control-plane-api.ts';
import type { RunRecord } from '../main/core/metrics.ts';

/** How far the simulation may be ahead of what is told. */
const AHEAD_MS = 3000;
const TELL_EVERY_MS = 10;

export interface Pace {
  /** Told so far. */
  records: number;
  /** How much later than its moment the last record was told; grows when the machine does not keep up. */
  lateMs: number;
}

export function pacedControlPlane(plane: ControlPlaneApi, pace: Pace): ControlPlaneApi {
  return new Proxy(plane, {
    get(target, name) {
      if (name === 'simulate') {
        return (request: Parameters<ControlPlaneApi['simulate']>[0], observer: RunObserver) =>
          pacedSimulation(target, request, observer, pace);
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

async function pacedSimulation(
  plane: ControlPlaneApi,
  request: Parameters<ControlPlaneApi['simulate']>[0],
  observer: RunObserver,
  pace: Pace,
): Promise<RunHandle> {
  const waiting: RunRecord[] = [];
  let next = 0;
  let startedAt: number | undefined;
  const started: { handle?: RunHandle } = {};
  let isStopped = false;
  const now = (): number => (startedAt === undefined ? 0 : performance.now() - startedAt);
  const real = await plane.simulate(request, {
    ...observer,
    onRecord(record) {
      startedAt ??= performance.now();
      waiting.push(structuredClone(record));
      if (record.atMs > now() + AHEAD_MS) started.handle?.pause();
    },
  });
  started.handle = real;
  const tell = async (): Promise<void> => {
    let isOver = false;
    const end = real.whenDone.then(
      () => (isOver = true),
      () => (isOver = true),
    );
    while (!isStopped) {
      for (let record = waiting[next]; record !== undefined && record.atMs <= now(); record = waiting[next]) {
        next += 1;
        pace.records += 1;
        pace.lateMs = now() - record.atMs;
        observer.onRecord?.(record, real.totals);
      }
      if (next === waiting.length && isOver) break;
      if (next > 5000) {
        waiting.splice(0, next);
        next = 0;
      }
      if ((waiting.at(-1)?.atMs ?? 0) < now() + AHEAD_MS / 2) real.resume();
      await sleep(TELL_EVERY_MS);
    }
    await end;
  };
  const told = tell();
  const whenDone = real.whenDone.finally(() => told);
  whenDone.catch(() => undefined); // whoever started the run awaits it
  return {
    run: real.run,
    get totals() {
      return real.totals;
    },
    whenDone,
    stop: () => {
      isStopped = true;
      real.stop();
    },
    finish: () => real.finish(),
    pause: () => real.pause(),
    resume: () => real.resume(),
  };
}
