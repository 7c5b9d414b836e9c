import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CallInput, CallName, CallOutput } from '../../core/api.ts';
import { createDesk } from '../../control-plane.ts';
import { BridgeHost } from '../bridge-host.ts';
import type { Desk } from './desk.ts';

const CAPABILITIES = { choosesPaths: false, revealsFiles: false, keepsSecrets: false };
/** Rows that take a while to be drawn. */
const CONFIG = { policy: 'bsp', dataset: { name: 'digits', trainRows: 20_000 }, workers: { local: 1 } };

let home: string;
let desk: Desk;
let bridge: BridgeHost;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'caduceus-cancelled-'));
  desk = createDesk({ ...process.env, CADUCEUS_HOME: home }, { host: 'browser', capabilities: CAPABILITIES });
  bridge = new BridgeHost(desk);
});
afterAll(async () => {
  await desk.close();
  rmSync(home, { recursive: true, force: true });
});

async function call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>> {
  const answer = await bridge.call(name, input);
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return answer.value as CallOutput<Name>;
}

test.each(['a real run', 'a simulation'])(
  '%s that is cancelled while it is prepared ends as cancelled, and is no run',
  async (kind) => {
    const { job } =
      kind === 'a real run'
        ? await call('runs.start', { config: CONFIG })
        : await call('runs.simulate', { config: CONFIG, cluster: 'hermes-6' });
    await call('jobs.cancel', { job });
    const view = async () => (await call('jobs.list', {})).find(({ id }) => id === job);
    while ((await view())?.state === 'running') await sleep(20);
    expect(await view()).toMatchObject({ state: 'cancelled', outcome: null });
    expect((await call('runs.list', {})).runs).toEqual([]);
  },
);
