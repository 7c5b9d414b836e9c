/** A run through a proxy with everything that can happen to a connection, and an observer who counts its bytes. */
import { connect } from 'node:net';
import type { Traffic } from '../main/core/accounting.ts';
import type { ModelSpec } from '../main/core/model.ts';
import type { ServerCertificate } from '../main/server/certificate.ts';
import { FaultProxy } from '../scripts/testbed/fault-proxy.ts';
import { FrameWitness } from './frame-witness.ts';
import { eventually, TinyRun } from './tiny-run.ts';

/** 1.3 MB: more than a socket takes at once, so that messages leave in parts. */
export const WIDE_MODEL: ModelSpec = {
  name: 'wide',
  input: [16],
  classes: 4,
  layers: [
    { type: 'dense', units: 15_000, activation: 'relu' },
    { type: 'dense', units: 4, activation: 'linear' },
  ],
};

export function sum({ model, update, data, control }: Traffic): number {
  return model + update + data + control;
}

/** A run through the proxy with everything that can happen to a connection. */
export async function eventfulRun(stretch: number, model?: ModelSpec, certificate?: ServerCertificate) {
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
