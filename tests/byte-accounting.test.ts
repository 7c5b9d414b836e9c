/** The ledger of a run against who counts on the wire. More kinds of connections: byte-accounting.long.test.ts. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureAgent } from '../scripts/build-worker.ts';
import { newCertificate } from './certificates.ts';
import { eventfulRun, sum, WIDE_MODEL } from './eventful-run.ts';
import { FrameWitness } from './frame-witness.ts';
import { TlsRelay } from './tls-relay.ts';
import { eventually, TinyRun } from './tiny-run.ts';

beforeAll(() => ensureAgent());

describe('byte accounting', () => {
  it('adds up to what an outside observer counts, through reconnection, a kill and a stranger', async () => {
    const { run, proxy, witness } = await eventfulRun(100);
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
      () => run.iterations >= 50,
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
});
