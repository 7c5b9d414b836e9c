import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Traffic } from '../main/core/accounting.ts';
import type { ModelSpec } from '../main/core/model.ts';
import type { ServerCertificate } from '../main/server/certificate.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { newCertificate } from './certificates.ts';
import { FrameWitness } from './frame-witness.ts';
import { FaultProxy } from '../scripts/testbed/fault-proxy.ts';
import { TlsRelay } from './tls-relay.ts';
import { eventually, TinyRun } from './tiny-run.ts';

beforeAll(() => ensureAgent());

/** 1.3 MB: more than a socket takes at once, so that messages leave in parts. */
const WIDE_MODEL: ModelSpec = {
  name: 'wide',
  input: [16],
  classes: 4,
  layers: [
    { type: 'dense', units: 15_000, activation: 'relu' },
    { type: 'dense', units: 4, activation: 'linear' },
  ],
};

function sum({ model, update, data, control }: Traffic): number {
  return model + update + data + control;
}

/** A run through the proxy with everything that can happen to a connection. */
async function eventfulRun(stretch: number, model?: ModelSpec, certificate?: ServerCertificate) {
  const run = await TinyRun.start({
    policy: 'asp',
    workers: ['a', 'b', 'c'],
    ...(model && { model }),
    ...(certificate && { certificate }),
    heartbeat: { pingEveryMs: 100, deadAfterMs: 10_000 },
  });
  const proxy = await FaultProxy.start(run.port);
  const witness = new FrameWitness();
  proxy.tap = witness.tap;
  const launched = await run.launchAll({ url: certificate ? proxy.url.replace('ws:', 'wss:') : proxy.url });
  const moreIterations = async (): Promise<void> => {
    const enough = run.iterations + stretch;
    await eventually(
      () => run.iterations >= enough,
      () => run.incidents,
    );
  };
  const incidents = (start: string, count: number): Promise<void> =>
    eventually(
      () => run.incidents.filter((text) => text.startsWith(start)).length >= count,
      () => run.incidents,
    );
  const stranger = connect(proxy.port, '127.0.0.1');
  stranger.end('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  stranger.resume();
  await new Promise((resolve) => stranger.on('error', () => undefined).on('close', resolve));
  await moreIterations();
  proxy.cut();
  await incidents('rejoined', 3);
  await moreIterations();
  process.kill(launched[0]?.pid ?? 0, 'SIGKILL');
  await incidents('lost a', 2);
  await moreIterations();
  run.host.handle({ type: 'stop', reason: 'user', text: 'enough' });
  await run.host.close();
  await Promise.all(launched.map(({ exited }) => exited));
  await proxy.drained();
  return { run, proxy, witness };
}

describe('byte accounting', () => {
  it('adds up to what an outside observer counts, through reconnection, a kill and a stranger', async () => {
    const { run, proxy, witness } = await eventfulRun(200);
    const { toServer, fromServer } = proxy.carried;
    const { ledger } = run.host;
    expect(sum(ledger.total())).toBe(toServer + fromServer);
    expect(Object.values(ledger.snapshot()).reduce((total, traffic) => total + sum(traffic), 0)).toBe(
      toServer + fromServer,
    );
    expect(ledger.ofWorker('(unknown)').control).toBeGreaterThan(0);
    // By category too, each frame with its framing.
    expect(ledger.total()).toEqual(witness.counts());
    expect(run.records.findLast(({ type }) => type === 'traffic')).toMatchObject({ traffic: ledger.total() });
  });

  it('adds up under TLS to all that is on the wire: what TLS adds is control', async () => {
    const { run, proxy } = await eventfulRun(100, undefined, await newCertificate());
    const { toServer, fromServer } = proxy.carried;
    expect(sum(run.host.ledger.total())).toBe(toServer + fromServer);
    expect(run.records.findLast(({ type }) => type === 'traffic')).toMatchObject({ traffic: run.host.ledger.total() });
  });

  it('adds up under TLS when messages are larger than the socket takes at once', async () => {
    const { run, proxy } = await eventfulRun(10, WIDE_MODEL, await newCertificate());
    const { toServer, fromServer } = proxy.carried;
    expect(sum(run.host.ledger.total())).toBe(toServer + fromServer);
  });

  it('counts messages under TLS as it does without: a witness who reads along counts the same', async () => {
    const certificate = await newCertificate();
    const run = await TinyRun.start({ policy: 'asp', certificate });
    const relay = await TlsRelay.start(run.port, certificate);
    const witness = new FrameWitness();
    relay.tap = witness.tap;
    const agent = await run.launch('a', { url: relay.url });
    await eventually(
      () => run.iterations >= 100,
      () => run.incidents,
    );
    run.host.handle({ type: 'stop', reason: 'user', text: 'enough' });
    await agent.exited;
    await run.host.close();
    const { control: inside, ...messages } = witness.counts();
    const { control, ...counted } = run.host.ledger.total();
    expect(counted).toEqual(messages);
    expect(control).toBeGreaterThan(inside);
  });

  it('adds up when messages are larger than the socket takes at once', async () => {
    const { run, proxy } = await eventfulRun(10, WIDE_MODEL);
    const { toServer, fromServer } = proxy.carried;
    expect(sum(run.host.ledger.total())).toBe(toServer + fromServer);
  });
});
