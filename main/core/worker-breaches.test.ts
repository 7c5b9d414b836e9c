/** A server that breaks the protocol is CAD-PROTOCOL to the worker: never a crash, never a silent hang. */
import { describe, expect, it } from 'vitest';
import type { ServerMessage } from './protocol/messages.ts';
import { toyPolicy } from './testbed/toy-policy.ts';
import { WorkerScript } from './testbed/worker-script.ts';

const policy = toyPolicy({ carry: 'delta', gate: 'continue' });
const orders = { assignment: { samples: 16, batch: 16, epochs: 1 }, shard: { start: 0, length: 100 } };
const model = {
  kind: 'model',
  version: 1,
  answers: 0,
  includes: 0,
  orders,
  encoding: 'f32',
  payload: new Uint8Array(60),
} as const;

const outcome = (worker: WorkerScript, message: ServerMessage): string =>
  worker.take({ type: 'message', nowMs: 0, message }).join(' ').split(':')[0] as string;

describe('before the welcome', () => {
  it.each([
    ['a model', model],
    ['orders', { kind: 'orders', orders }],
    ['a release', { kind: 'release', answers: 0, orders }],
    ['rows', { kind: 'rows', block: 0, count: 200, payload: new Uint8Array(1000) }],
  ] as [string, ServerMessage][])('%s', (_name, message) => {
    expect(outcome(new WorkerScript(policy), message)).toBe('CAD-PROTOCOL');
  });
});

describe('after it', () => {
  const joined = (): WorkerScript => {
    const worker = new WorkerScript(policy);
    worker.give('welcome');
    return worker;
  };
  const ordered = (assignment: Partial<(typeof orders)['assignment']>, shard = {}): ServerMessage => ({
    ...model,
    orders: { assignment: { ...orders.assignment, ...assignment }, shard: { ...orders.shard, ...shard } },
  });

  it.each([
    ['a second welcome', { kind: 'welcome', incarnation: 2, plan: joined().plan }],
    ['a model of another size', { ...model, payload: new Uint8Array(56) }],
    ['a model in another encoding of the same size', { ...model, encoding: 'f16' }],
    ['an answer to what was never sent', { ...model, answers: 1 }],
    ['rows that nobody asked for', { kind: 'rows', block: 0, count: 200, payload: new Uint8Array(1000) }],
    ['no samples', ordered({ samples: 0 })],
    ['no batch', ordered({ batch: 0 })],
    ['no epochs', ordered({ epochs: 0 })],
    ['more rows than fit', ordered({ samples: 2 ** 50 })],
    ['more passes than fit', ordered({ samples: 2 ** 20, epochs: 2 ** 20 })],
    ['an empty shard', ordered({}, { length: 0 })],
    ['a shard beyond the end', ordered({}, { start: 150, length: 51 })],
  ] as [string, ServerMessage][])('%s', (_name, message) => {
    const worker = joined();
    if (message.kind === 'model') expect(outcome(joined(), model)).toBe('-> rows 0?');
    expect(outcome(worker, message)).toBe('CAD-PROTOCOL');
  });

  it.each([
    ['too few rows', { count: 199, payload: new Uint8Array(995) }],
    ['too many rows', { count: 201, payload: new Uint8Array(1005) }],
    ['bytes that are no rows', { count: 200, payload: new Uint8Array(999) }],
  ])('a block of %s', (_name, block) => {
    const worker = joined();
    worker.give('model v0 = 1');
    expect(outcome(worker, { kind: 'rows', block: 0, ...block })).toBe('CAD-PROTOCOL');
  });

  it('a block that comes twice', () => {
    const worker = joined();
    worker.play('model v0 = 1\nrows 0');
    expect(worker.give('rows 0')[0]).toMatch(/^CAD-PROTOCOL/);
  });
});

describe('a plan', () => {
  it.each([
    ['whose model has a layer that this worker does not know', { layers: [{ type: 'attention', heads: 4 }] }],
    ['whose model does not fit together', { layers: [{ type: 'dense', units: 7, activation: 'linear' }] }],
    ['whose model is nothing', { layers: undefined }],
  ])('%s', (_name, change) => {
    const worker = new WorkerScript(policy);
    const plan = { ...worker.plan, model: { ...worker.plan.model, ...change } as never };
    expect(outcome(worker, { kind: 'welcome', incarnation: 1, plan })).toBe('CAD-PROTOCOL');
  });
});
