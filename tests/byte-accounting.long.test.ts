/** Byte accounting adds up with small messages under TLS, and without TLS with messages that leave in parts. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureAgent } from '../scripts/build-worker.ts';
import { newCertificate } from './certificates.ts';
import { eventfulRun, sum, WIDE_MODEL } from './eventful-run.ts';

beforeAll(() => ensureAgent());

describe('byte accounting', () => {
  it('adds up under TLS to all that is on the wire: what TLS adds is control', async () => {
    const { run, proxy } = await eventfulRun(100, undefined, await newCertificate());
    const { toServer, fromServer } = proxy.carried;
    expect(sum(run.host.ledger.total())).toBe(toServer + fromServer);
    expect(run.records.findLast(({ type }) => type === 'traffic')).toMatchObject({ traffic: run.host.ledger.total() });
  });

  it('adds up when messages are larger than the socket takes at once', async () => {
    const { run, proxy } = await eventfulRun(10, WIDE_MODEL);
    const { toServer, fromServer } = proxy.carried;
    expect(sum(run.host.ledger.total())).toBe(toServer + fromServer);
  });
});
