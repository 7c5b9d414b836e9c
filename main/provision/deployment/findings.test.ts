import { describe, expect, it } from 'vitest';
import type { FoundOut } from '../../core/device-record.ts';
import { CaduceusError } from '../../core/errors.ts';
import { stateOf } from '../device-state.ts';
import type { DeploymentResult } from './deployment.ts';
import { findingsOf } from './findings.ts';

const now = new Date('2026-03-01T00:00:00Z');
const deployment = { version: 'v2', directory: '/d', deployedAt: '2026-02-01T00:00:00Z' };
const tampered = new CaduceusError('CAD-DEVICE-TAMPERED', 'agent.cjs is another one', 'Deploy again.');
const full = { code: 'CAD-DEVICE-DISK', message: 'full', remedy: 'Make room.' } as const;

/** What is kept of a device with v2 after a deployment that ended so. */
function after(result: Partial<DeploymentResult>, before: FoundOut = { deployment }): FoundOut {
  const found = findingsOf({ uploadedBytes: 0, tookMs: 1, ...result }, { path: before.path ?? null }, now);
  return { ...before, ...found } as FoundOut;
}

const state = (found: FoundOut): string => stateOf({ found, activity: null, isAsking: false });

describe('an attempt to go back that failed', () => {
  it('leaves a device ready that has its version as before', () => {
    const found = after({ error: tampered, isAsBefore: true });
    expect(state(found)).toBe('ready');
    expect(found.deployment).toEqual(deployment);
  });

  it('leaves a device failed whose last deployment had failed', () => {
    const found = after({ error: tampered, isAsBefore: true }, { deployment, error: full });
    expect(state(found)).toBe('failed');
    expect(found.error).toEqual(full);
  });

  it('counts where the device did not answer, or may have switched', () => {
    expect(state(after({ error: tampered }))).toBe('failed');
    expect(state(after({ error: new CaduceusError('CAD-SSH-REACH', 'nothing answers', 'Look.') }))).toBe('offline');
  });
});

it('a deployment that went well ends what had failed, and one that was cancelled says nothing against the device', () => {
  const well = after({ installation: { directory: '/d', version: 'v3' } }, { deployment, error: full });
  expect(well).toEqual({
    deployment: { directory: '/d', version: 'v3', deployedAt: now.toISOString() },
    error: undefined,
  });
  expect(state(after({ error: new CaduceusError('CAD-CANCELLED', 'cancelled', 'Deploy.') }))).toBe('ready');
});

it('a way that the tailnet relays stays one, whatever it looks like from the device', () => {
  const relay = { kind: 'relay', reason: 'through a relay', latencyMs: 90 } as const;
  const found = after({ path: { kind: 'direct', latencyMs: 70 } }, { path: relay });
  expect(found.path).toEqual({ ...relay, latencyMs: 70 });
});
