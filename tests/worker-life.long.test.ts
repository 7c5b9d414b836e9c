/** A worker whose network is gone in both directions is lost, knows it, and comes back when the network does. */
import { beforeAll } from 'vitest';
import { ensureAgent } from '../scripts/build-worker.ts';
import { silentNetworks } from './worker-life.contract.ts';

beforeAll(() => ensureAgent());

silentNetworks([['in both directions', ['up', 'down']]]);
