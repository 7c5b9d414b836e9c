/** The parameter server's host between the machine and the world. */
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Ledger } from '../main/core/accounting.ts';
import type { ServerMessage } from '../main/core/protocol/messages.ts';
import { HEARTBEAT } from '../main/core/protocol/liveness.ts';
import { Listener } from '../main/server/listener.ts';
import { Session } from '../main/server/session.ts';
import { EXIT } from '../main/worker/exit-codes.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { FaultProxy } from '../scripts/testbed/fault-proxy.ts';
import { RawWorker } from './raw-worker.ts';
import { eventually, RUN, TinyRun } from './tiny-run.ts';

beforeAll(() => ensureAgent());

async function moreIterations(run: TinyRun, count: number): Promise<void> {
  const enough = run.iterations + count;
  await eventually(
    () => run.iterations >= enough,
    () => run.incidents,
  );
}

describe('the host', () => {
  it('pauses after the iterations under way, goes on when told, and ends when told', async () => {
    const run = await TinyRun.start({ workers: ['a', 'b'] });
    const launched = await run.launchAll();
    await moreIterations(run, 20);
    run.host.handle({ type: 'pause' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { version } = run.host;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(run.host.version).toBe(version);
    run.host.handle({ type: 'resume' });
    await moreIterations(run, 20);
    run.host.handle({ type: 'stop', reason: 'user', text: 'that will do' });
    expect(await run.end()).toEqual({ reason: 'user', text: 'that will do' });
    expect((await Promise.all(launched.map(({ exited }) => exited))).map(({ code }) => code)).toEqual([
      EXIT.done,
      EXIT.done,
    ]);
    expect(run.host.loopDelay().p99).toBeGreaterThanOrEqual(0);
  });

  it('passes judgements back to the machine, and fails the run when judging fails', async () => {
    let judged = 0;
    const run = await TinyRun.start({
      config: { evaluateEveryMs: 1 },
      judge: () =>
        ++judged <= 3
          ? Promise.resolve({ loss: judged, accuracy: 0.5, rows: 10 })
          : Promise.reject(new Error('the judge is gone')),
    });
    const agent = await run.launch('a');
    await expect(run.end()).rejects.toThrow('the judge is gone');
    expect(run.records.filter(({ type }) => type === 'evaluation')).toMatchObject([
      { loss: 1 },
      { loss: 2 },
      { loss: 3 },
    ]);
    expect((await agent.exited).code).toBe(EXIT.done);
  });

  it('fails the run when its records cannot be kept', async () => {
    const run = await TinyRun.start({
      onRecord: ({ type }) => {
        if (type === 'iteration') throw new Error('the disk is full');
      },
    });
    await run.launch('a');
    await expect(run.end()).rejects.toThrow('the disk is full');
  });

  it('says what a worker says it failed at', async () => {
    const rows = { features: new Uint8Array(15 * 300), labels: new Uint8Array(300), count: 300 };
    const run = await TinyRun.start({ rows });
    const agent = await run.launch('a');
    expect((await agent.exited).code).toBe(EXIT.engine);
    expect(run.incidents).toContainEqual('worker-failed a: the model takes 16 values a row, but the rows have 15');
  });

  it('started again from its snapshot gets its workers back, and they go on', async () => {
    const workers = ['a', 'b'];
    const run = await TinyRun.start({ workers });
    const proxy = await FaultProxy.start(run.port);
    await run.launchAll({ url: proxy.url });
    await moreIterations(run, 20);
    proxy.refuse(true);
    proxy.cut();
    await eventually(
      () => proxy.connections === 0,
      () => proxy.connections,
    );
    const snapshot = run.host.snapshot();
    await run.host.close();
    const again = await TinyRun.start({ workers, port: run.port, after: { run, snapshot } });
    proxy.refuse(false);
    await moreIterations(again, 20);
    expect(again.host.version).toBeGreaterThan(snapshot.state.version);
    expect(again.records.filter(({ type }) => type === 'worker')).toMatchObject([
      { incarnation: 2 },
      { incarnation: 2 },
    ]);
    await again.host.close();
    await proxy.close();
  });
});

describe('a worker that reads slowly', () => {
  /** A server's end of a connection to a client that does not read yet, with a large message on its way. */
  async function stalledSession(maxBufferedBytes: number) {
    const ended: string[] = [];
    let session: Session | undefined;
    const admitted = new Promise<Session>((resolve) => {
      session = undefined;
      const listener = new Listener({
        maxMessageBytes: 100_000,
        ledger: new Ledger(),
        onConnection: (connection) =>
          (session = new Session(connection, {
            run: RUN,
            tokenOf: () => 'token',
            heartbeat: HEARTBEAT,
            authenticateMs: 3000,
            maxBufferedBytes,
            onAdmitted: resolve,
            onMessage: () => undefined,
            onEnded: (_session, reason) => ended.push(reason),
          })),
      });
      void listener.open({ host: '127.0.0.1', port: 0 }).then(async ({ port }) => {
        client = new RawWorker(`ws://127.0.0.1:${port}/`);
        await client.hello({ worker: 'w', token: 'token' });
      });
      onTestFinished(() => listener.close(100));
    });
    let client!: RawWorker;
    const server = await admitted;
    client.webSocket.pause();
    server.send(rows(0, 16_000_000));
    expect(session).toBe(server);
    return { server, client, ended };
  }

  function rows(block: number, bytes: number): ServerMessage {
    return { kind: 'rows', block, count: 1, payload: new Uint8Array(bytes) };
  }

  function model(version: number): ServerMessage {
    const orders = { assignment: { samples: 1, batch: 1, epochs: 1 }, shard: { start: 0, length: 1 } };
    return { kind: 'model', version, answers: 0, includes: 0, orders, encoding: 'f32', payload: new Uint8Array(400) };
  }

  it('gets the newest model only, made when there is room, and then the rows that it asked for', async () => {
    const { server, client } = await stalledSession(32_000_000);
    let newest = 1;
    for (; newest < 50; newest++) server.sendModel(() => model(newest));
    server.sendRows(() => rows(1, 10));
    server.sendRows(() => rows(2, 10));
    client.webSocket.resume();
    await eventually(
      () => client.received.length >= 5,
      () => client.received.length,
    );
    expect(client.received.map((message) => [message.kind, 'version' in message ? message.version : 0])).toEqual([
      ['challenge', 0],
      ['rows', 0],
      ['model', 50],
      ['rows', 0],
      ['rows', 0],
    ]);
  });

  it('cannot ask for rows without end', async () => {
    const { server } = await stalledSession(32_000_000);
    for (let block = 0; block < 4; block++) server.sendRows(() => rows(block, 10));
    expect(() => server.sendRows(() => rows(4, 10))).toThrow('more than 4 blocks');
  });

  it('is cut off when too much piles up for it', async () => {
    const { server, ended } = await stalledSession(1_000_000);
    server.send({ kind: 'collect' });
    expect(ended).toEqual([expect.stringMatching(/^it does not read: \d+ bytes are waiting$/)]);
  });
});
