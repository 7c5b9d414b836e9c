/**
 * What every bridge between a window and the control plane holds, whatever it is made of. A bridge is
 * opened to a real desk; everything goes through it as a window would send it.
 */
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDesk } from '../control-plane.ts';
import {
  type Answer,
  type Bridge,
  CALLS,
  type CallName,
  type ChannelName,
  type JobView,
  type RunMessage,
  type SavedExperiment,
} from '../core/api.ts';
import type { ErrorReport } from '../core/errors.ts';
import { MAX_TICK_BYTES } from '../core/live/split-tick.ts';
import { PictureFold } from '../core/live/picture-fold.ts';
import type { Desk } from './desk/desk.ts';

export interface OpenedBridge {
  bridge: Bridge;
  close(): Promise<void> | void;
}

/** Calls that start something when they are given `{}`, or nothing. */
const WITH_EFFECT: readonly CallName[] = ['app.diagnostics'];
const SIMULATED = {
  cluster: 'hermes-6',
  timingOnly: true,
  config: {
    policy: 'hermes',
    dataset: { name: 'digits', trainRows: 600, testRows: 50 },
    validationRows: 100,
    stop: { maxSeconds: 900 },
  },
};

export function describeBridge(name: string, open: (desk: Desk) => Promise<OpenedBridge>): void {
  describe(`the ${name} bridge`, () => {
    let home: string;
    let desk: Desk;
    let opened: OpenedBridge;
    let bridge: Bridge;
    /** As a window that was taken over would send it: names and inputs of any kind. */
    let send: (name: string, input: unknown) => Promise<Answer<unknown>>;

    beforeAll(async () => {
      home = mkdtempSync(join(tmpdir(), 'caduceus-bridge-'));
      const capabilities = { choosesPaths: false, keepsSecrets: false };
      desk = createDesk({ ...process.env, CADUCEUS_HOME: home }, { host: 'browser', capabilities });
      opened = await open(desk);
      bridge = opened.bridge;
      send = (call, input) => bridge.call(call as CallName, input as never);
    });
    afterAll(async () => {
      await opened.close();
      await desk.close();
      rmSync(home, { recursive: true, force: true });
    });

    test('answers with what the call gives', async () => {
      const answer = await bridge.call('app.info', {});
      expect(answer).toMatchObject({ ok: true, value: { name: 'Caduceus', host: 'browser', dataDirectory: home } });
    });

    test('checks every input, and says which field is wrong', async () => {
      const answer = await send('settings.update', { change: { deployConcurrency: 1000, theme: 'pink' } });
      expect(answer).toMatchObject({ ok: false, error: { code: 'CAD-CALL' } });
      expect((answer as { error: ErrorReport }).error.message).toMatch(/change\.deployConcurrency.*/);
      expect(await bridge.call('settings.get', {})).toMatchObject({ value: { settings: { deployConcurrency: 8 } } });
    });

    test('gives errors as answers, with code, message and remedy', async () => {
      const answer = await bridge.call('runs.find', { run: 'no-such-run' });
      expect(answer).toMatchObject({ ok: false, error: { code: 'CAD-RUN-UNKNOWN' } });
      expect((answer as { error: ErrorReport }).error.remedy).not.toBe('');
    });

    test('refuses names that are not in the map, those of every object among them', async () => {
      for (const wrong of [
        '',
        'app',
        '__proto__',
        'constructor',
        'toString',
        'hasOwnProperty',
        'app.info ',
        '\u0000',
      ]) {
        expect(await send(wrong, {})).toMatchObject({ ok: false, error: { code: 'CAD-CALL' } });
        const ended = await endOf(bridge, wrong as ChannelName, {});
        expect(ended).toMatchObject({ code: 'CAD-CALL' });
      }
    });

    test('answers hostile inputs to every call with a refusal, and changes no prototype', async () => {
      const hostile = hostileInputs();
      for (const call of Object.keys(CALLS) as CallName[]) {
        const before = Object.keys(Object.getOwnPropertyDescriptors(Object.prototype)).length;
        for (const input of hostile) {
          const answer = await send(call, input);
          expect(answer.ok, `${call} with ${JSON.stringify(input).slice(0, 60)}`).toBe(false);
        }
        expect(Object.keys(Object.getOwnPropertyDescriptors(Object.prototype))).toHaveLength(before);
      }
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      const long = { text: 'x'.repeat(1_200_000) };
      expect(await send('devices.importList', long)).toMatchObject({ ok: false, error: { code: 'CAD-CALL' } });
    }, 60_000);

    test('answers whatever is sent, one answer a call', async () => {
      const calls = fc.constantFrom(
        ...(Object.keys(CALLS) as CallName[]).filter((call) => !WITH_EFFECT.includes(call)),
      );
      await fc.assert(
        fc.asyncProperty(calls, fc.jsonValue({ maxDepth: 4 }), async (call, input) => {
          const answer = await send(call, input);
          if (answer.ok) expect(answer).toHaveProperty('value');
          else expect(answer.error.code).toMatch(/^CAD-[A-Z-]+$/);
          expect(answer.ok || answer.error.code !== 'CAD-INTERNAL').toBe(true);
        }),
        { numRuns: 200 },
      );
    });

    test('keeps many calls apart', async () => {
      const names = Array.from({ length: 40 }, (_, index) => `experiment ${index}`);
      const answers = await Promise.all(
        names.map((each) => bridge.call('experiments.save', { name: each, config: { policy: 'bsp' } })),
      );
      expect(answers.map((answer) => answer.ok && answer.value.name)).toEqual(names);
    });

    test('brings messages to who subscribed, in order, until it unsubscribes', async () => {
      const heard: SavedExperiment[][] = [];
      const stop = bridge.subscribe('experiments', {}, (list) => heard.push(list));
      for (const each of ['one', 'two']) await bridge.call('experiments.save', { id: 'same', name: each, config: {} });
      await until(() => heard.length >= 2);
      expect(heard.map((list) => list.find(({ id }) => id === 'same')?.name)).toEqual(['one', 'two']);
      stop();
      await bridge.call('experiments.save', { id: 'same', name: 'three', config: {} });
      await bridge.call('experiments.list', {});
      expect(heard).toHaveLength(2);
    });

    test('ends a subscription that it refuses, and says why', async () => {
      expect(await endOf(bridge, 'run', { run: '../../etc' })).toMatchObject({ code: 'CAD-CALL' });
      expect(await endOf(bridge, 'run', { run: 'no-such-run' })).toMatchObject({ code: 'CAD-RUN-UNKNOWN' });
      expect(await endOf(bridge, 'comparison', { job: 'none' })).toMatchObject({ code: 'CAD-JOB-UNKNOWN' });
    });

    test('bounds how many subscriptions are open', async () => {
      const ended: (ErrorReport | undefined)[] = [];
      const stops = Array.from({ length: 260 }, () =>
        bridge.subscribe(
          'load',
          {},
          () => undefined,
          (e) => ended.push(e),
        ),
      );
      await until(() => ended.length > 0);
      expect(ended.every((error) => error?.code === 'CAD-BUSY')).toBe(true);
      for (const stop of stops) stop();
      expect(await bridge.call('settings.get', {})).toMatchObject({ ok: true });
    });

    test('follows a run by ticks of bounded size and rate that add up to its picture', async () => {
      const run = await startedRun(bridge, SIMULATED);
      const messages: { at: number; message: RunMessage }[] = [];
      const stop = bridge.subscribe('run', { run }, (message) => messages.push({ at: performance.now(), message }));
      const first = await opening(bridge, run);
      const fold = new PictureFold({ picture: first.picture });
      await until(async () => (await opening(bridge, run)).detail.status === 'completed', 30_000);
      await until(() =>
        messages.some(({ message }) => message.kind === 'detail' && message.detail.status === 'completed'),
      );
      stop();
      let { seq } = first;
      for (const { message } of messages) {
        if (message.kind === 'detail' || message.seq <= first.seq) continue;
        expect(message.seq).toBe(seq + 1);
        seq = message.seq;
        expect(Buffer.byteLength(JSON.stringify(message.tick))).toBeLessThanOrEqual(MAX_TICK_BYTES);
        fold.merge(message.tick);
      }
      const last = await opening(bridge, run);
      expect(last.detail.live).toBe(false);
      expect(fold.picture).toEqual(last.picture);
      const { result } = last.detail;
      expect(fold.picture.sums).toMatchObject({ iterations: result?.iterations, samples: result?.samples });
      const took = ((messages.at(-1)?.at ?? 0) - (messages[0]?.at ?? 0)) / 1000;
      const moments = new Set(messages.map(({ at }) => Math.floor(at / 100)));
      expect(moments.size).toBeLessThanOrEqual(took * 10 + 3);
    }, 60_000);
  });
}

async function opening(bridge: Bridge, run: string) {
  const answer = await bridge.call('runs.open', { run });
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

/** Waits for the job to say which run it started. */
async function startedRun(bridge: Bridge, request: typeof SIMULATED): Promise<string> {
  const answer = await bridge.call('runs.simulate', request);
  if (!answer.ok) throw new Error(answer.error.message);
  const { job } = answer.value;
  let view: JobView | undefined;
  await until(async () => {
    const jobs = await bridge.call('jobs.list', {});
    view = jobs.ok ? jobs.value.find(({ id }) => id === job) : undefined;
    return view !== undefined && view.state !== 'running';
  }, 30_000);
  if (view?.outcome?.kind !== 'run') throw new Error(`the run did not start: ${view?.error?.message}`);
  return view.outcome.run;
}

function endOf(bridge: Bridge, name: ChannelName, params: unknown): Promise<ErrorReport | undefined> {
  return new Promise((resolve) => {
    bridge.subscribe(name, params as never, () => undefined, resolve);
  });
}

async function until(isSo: () => boolean | Promise<boolean>, withinMs = 5000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not so within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** None of them is a valid input of any call. */
function hostileInputs(): unknown[] {
  let deep: unknown = 'x';
  for (let depth = 0; depth < 3000; depth++) deep = [deep];
  return [
    ...[42, 'text', true, [], [1, 2], { surplus: 1 }],
    JSON.parse('{"__proto__":{"polluted":true}}'),
    JSON.parse('{"constructor":{"prototype":{"polluted":true}}}'),
    JSON.parse('{"config":{"__proto__":{"polluted":true}},"surplus":1}'),
    { run: { toString: 'x' } },
    { config: deep, surplus: deep },
    { text: 7 },
  ];
}
