/** A desk with a data directory of its own, asked as a window asks it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallInput, CallName, CallOutput, JobView } from '../../core/api.ts';
import { createDesk } from '../../control-plane.ts';
import { BridgeHost } from '../bridge-host.ts';
import type { Desk } from './desk.ts';

const CAPABILITIES = { choosesPaths: false, keepsSecrets: false };

/** Settings of a run that is over soon. */
export const SMALL = {
  dataset: { name: 'digits', trainRows: 600, testRows: 50 },
  validationRows: 100,
  stop: { maxSeconds: 20 },
};

export class TestDesk {
  readonly home = mkdtempSync(join(tmpdir(), 'caduceus-desk-'));
  desk!: Desk;
  bridge!: BridgeHost;

  constructor() {
    this.open();
  }

  /** After a close: the program starts again. */
  open(): void {
    const environment = { ...process.env, CADUCEUS_HOME: this.home };
    this.desk = createDesk(environment, { host: 'browser', capabilities: CAPABILITIES });
    this.bridge = new BridgeHost(this.desk);
  }

  call = async <Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>> => {
    const answer = await this.bridge.call(name, input);
    if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`);
    return answer.value as CallOutput<Name>;
  };

  ended = async (job: string): Promise<JobView> => {
    for (;;) {
      const view = (await this.call('jobs.list', {})).find(({ id }) => id === job);
      if (view !== undefined && view.state !== 'running') return view;
      await sleep(20);
    }
  };

  /** A run in virtual time, to its end. */
  simulated = async (config: Record<string, unknown>, cluster = 'hermes-6'): Promise<string> => {
    const { job } = await this.call('runs.simulate', {
      cluster,
      timingOnly: true,
      config: { ...SMALL, ...config },
    });
    const { outcome, error } = await this.ended(job);
    if (outcome?.kind !== 'run') throw new Error(error?.message);
    while ((await this.call('runs.find', { run: outcome.run })).live) await sleep(20);
    return outcome.run;
  };

  async close(): Promise<void> {
    await this.desk.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}
