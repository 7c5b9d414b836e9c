import { describe, expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { Stepper } from './stepper.ts';

function stepper(cancel = new AbortController().signal): Stepper {
  return new Stepper(cancel, () => undefined);
}

describe('the steps of a deployment', () => {
  it('end one after the other, each with its time', () => {
    const steps = stepper();
    steps.begin('resolve', 1000);
    steps.begin('reach', 1000, 'port 22');
    steps.done();
    steps.skip('upload', 'everything is there');
    expect(steps.steps.map(({ step, state }) => `${step} ${state}`).slice(0, 2)).toEqual([
      'resolve done',
      'reach done',
    ]);
    expect(steps.steps.find(({ step }) => step === 'upload')).toMatchObject({ state: 'skipped' });
    expect(steps.steps[1]?.tookMs).toBeGreaterThanOrEqual(0);
    steps.close();
  });

  it('have a bound: what runs in one is told, and the error names it', async () => {
    const steps = stepper();
    steps.begin('probe', 20);
    await sleep(40);
    expect(steps.signal.aborted).toBe(true);
    expect(steps.fail(new Error('aborted'), false)).toMatchObject({
      code: 'CAD-SSH-TIMEOUT',
      message: expect.stringContaining('"probe"') as string,
    });
    expect(steps.steps.find(({ step }) => step === 'probe')?.error?.code).toBe('CAD-SSH-TIMEOUT');
  });

  it('stand still while the user is asked', async () => {
    const steps = stepper();
    steps.begin('host-key', 30);
    steps.needsYou(true);
    await sleep(60);
    expect(steps.signal.aborted).toBe(false);
    expect(steps.steps[2]?.state).toBe('needs-you');
    steps.close();
  });

  it('are told cancelled, not failed, when the user cancels', () => {
    const controller = new AbortController();
    const steps = stepper(controller.signal);
    steps.begin('upload', 1000);
    controller.abort();
    expect(steps.signal.aborted).toBe(true);
    expect(steps.fail(new Error('any'), true).code).toBe('CAD-CANCELLED');
    expect(steps.steps.find(({ step }) => step === 'upload')).toMatchObject({ state: 'cancelled' });
  });

  it('keep a bounded log without control characters', () => {
    const steps = stepper();
    steps.begin('probe', 1000);
    for (let line = 0; line < 500; line++) steps.log(`line ${line} \u001b[31mred\u0007`);
    const { log } = steps.steps[4] ?? { log: [] };
    expect(log).toHaveLength(100);
    expect(log.at(-1)).toMatch(/^line 499 /);
    expect(log.join('')).not.toContain('\u001b');
    steps.close();
  });
});
