import { afterAll, expect, test } from 'vitest';
import { TestDesk } from './test-desk.fixture.ts';

/** Rows that take a while to be drawn. */
const CONFIG = { policy: 'bsp', dataset: { name: 'digits', trainRows: 20_000 }, workers: { local: 1 } };

const own = new TestDesk();
const { call, ended } = own;
afterAll(() => own.close());

test.each(['a real run', 'a simulation'])(
  '%s that is cancelled while it is prepared ends as cancelled, and is no run',
  async (kind) => {
    const { job } =
      kind === 'a real run'
        ? await call('runs.start', { config: CONFIG })
        : await call('runs.simulate', { config: CONFIG, cluster: 'hermes-6' });
    await call('jobs.cancel', { job });
    expect(await ended(job)).toMatchObject({ state: 'cancelled', outcome: null });
    expect((await call('runs.list', {})).runs).toEqual([]);
  },
);
