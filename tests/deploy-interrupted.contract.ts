/** A deployment that ends in the middle: cut off, or cancelled by its user, at any step and any byte. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeployStep } from '../main/core/device.ts';
import { whyNoSshd } from '../main/provision/ssh/sshd.fixture.ts';
import { cutSessions, deployTo, filesIn, remainingProcesses, type SshDevice, startDevice } from './ssh-device.ts';

const missing = whyNoSshd();
const TIDY_MS = 10_000;

/** What is left in the home once the device has noticed. */
async function leftovers(device: SshDevice): Promise<string[]> {
  const endMs = performance.now() + TIDY_MS;
  while (performance.now() < endMs && filesIn(device.home).length > 0) await sleep(50);
  return filesIn(device.home);
}

function versionsOf(device: SshDevice): string[] {
  const directory = join(device.home, '.caduceus', 'versions');
  try {
    return readdirSync(directory);
  } catch {
    return []; // not there, or taken away just now
  }
}

export function interruptedDeployments(
  cuts: number,
  cutSteps: readonly DeployStep[],
  cancelSteps: readonly DeployStep[],
): void {
  describe.skipIf(missing !== undefined)(`an interrupted deployment${missing ? ` (skipped: ${missing})` : ''}`, () => {
    let device: SshDevice;
    beforeAll(async () => {
      device = await startDevice();
    });
    afterAll(() => device?.stop());

    // First, while nothing is there.
    it(`cancelled at a step (${cancelSteps.join(', ')}) leaves no file and no process`, async () => {
      for (const step of cancelSteps) {
        const controller = new AbortController();
        const result = await deployTo(device, {
          signal: controller.signal,
          benchmark: 'always',
          onChange: (steps) => {
            const { state, progress = 1 } = steps.find((each) => each.step === step) ?? {};
            // In the middle of an upload, not at its beginning.
            if (state === 'running' && (step !== 'upload' || progress > 0.3)) controller.abort();
          },
        });
        expect(result.error?.code, step).toBe('CAD-CANCELLED');
        expect(
          result.steps.some(({ state }) => state === 'cancelled'),
          step,
        ).toBe(true);
        expect(await leftovers(device), step).toEqual([]);
        expect(await remainingProcesses(device), step).toEqual([]);
      }
    }, 600_000);

    it(`never leaves a part of an agent, wherever the upload is cut (${cuts} places)`, async () => {
      for (let place = 0; place < cuts; place++) {
        const atShare = (place + 0.5) / cuts;
        let isCut = false;
        const result = await deployTo(device, {
          onChange: (steps) => {
            const upload = steps.find(({ step }) => step === 'upload');
            if (isCut || upload?.state !== 'running' || (upload.progress ?? 0) < atShare) return;
            isCut = true;
            cutSessions(device);
          },
        });
        expect(isCut).toBe(true);
        expect(result.error?.code).toBe('CAD-SSH-LOST');
        expect(versionsOf(device)).toEqual([]);
        expect(await leftovers(device)).toEqual([]);
        expect(await remainingProcesses(device)).toEqual([]);
      }
    }, 600_000);

    it(`cut at a step (${cutSteps.join(', ')}) converges when it is taken again`, async () => {
      for (const step of cutSteps) {
        let isCut = false;
        const result = await deployTo(device, {
          onChange: (steps) => {
            if (isCut || steps.find((each) => each.step === step)?.state !== 'running') return;
            isCut = true;
            cutSessions(device);
          },
        });
        expect(isCut, step).toBe(true);
        expect(result.error?.code, step).toBe('CAD-SSH-LOST');
      }
      const last = await deployTo(device);
      expect(last.error).toBeUndefined();
      expect(await remainingProcesses(device)).toEqual([]);
    }, 600_000);
  });
}
