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

  async close(): Promise<void> {
    await this.desk.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}
