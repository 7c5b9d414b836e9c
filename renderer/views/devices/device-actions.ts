/** What is done to devices, each a call and what the user is told of it. */
import type { DeployRequest, DeviceView } from '../../../main/core/device.ts';
import { plural } from '../../../main/core/display/format.ts';
import { sentence } from '../../state/sentence.ts';
import { ask, perform } from '../../state/control-plane.ts';
import { refreshDevices } from '../../state/devices.ts';
import { jobEnd } from '../../state/jobs.ts';
import { href, navigate } from '../../state/route.ts';
import { showToast } from '../../state/toasts.ts';
import { endInWords } from './end-words.ts';

const namesOf = (devices: readonly DeviceView[]): string =>
  devices.length === 1 ? (devices[0]?.name ?? '') : plural(devices.length, 'device');

const idsOf = (devices: readonly DeviceView[]): string[] => devices.map(({ id }) => id);

/** One device alone is opened: its steps, and what it may ask, are what comes next. */
export function deploy(devices: readonly DeviceView[], options: Omit<DeployRequest, 'devices'> = {}): void {
  const [only, ...others] = devices;
  if (only !== undefined && others.length === 0) navigate(href('devices', only.id));
  void perform('devices.deploy', { devices: idsOf(devices), benchmark: true, ...options }).then((started) =>
    tellEnd(started?.job, 'deployed to'),
  );
}

export function probe(devices: readonly DeviceView[]): void {
  void perform('devices.probe', { devices: idsOf(devices) }).then((started) => tellEnd(started?.job, 'checked'));
}

export function stopAgents(devices: readonly DeviceView[]): void {
  void perform('devices.stopAgents', { devices: idsOf(devices) }).then((started) =>
    tellEnd(started?.job, 'stopped on'),
  );
}

export function uninstall(devices: readonly DeviceView[]): void {
  void perform('devices.uninstall', { devices: idsOf(devices) }).then((started) =>
    tellEnd(started?.job, 'uninstalled from'),
  );
}

/** Each device shows how it went; this is for whoever looks at another screen. */
async function tellEnd(job: string | undefined, done: string): Promise<void> {
  if (job === undefined) return;
  const { outcome, state, error } = await jobEnd(job);
  if (outcome?.kind === 'devices') {
    const { text, tone } = endInWords(outcome.summary, done);
    showToast(text, { tone });
  } else if (state === 'failed' && error !== null) {
    showToast(`${sentence(error.message)} ${error.remedy}`, { tone: 'bad' });
  }
}

export function cancel(devices: readonly DeviceView[]): void {
  void perform('devices.cancel', { devices: idsOf(devices) });
}

/** Forgets devices at once, with a way back. */
export async function remove(devices: readonly DeviceView[]): Promise<void> {
  const ids = idsOf(devices);
  const answer = await ask('devices.remove', { devices: ids });
  if (!answer.ok) {
    showToast(`${answer.error.message}. ${answer.error.remedy}`, { tone: 'bad' });
    return;
  }
  refreshDevices();
  const installed = devices.filter(({ deployment }) => deployment !== null).length;
  const left = installed === 0 ? '' : ' What is installed on it stays there.';
  showToast(`${namesOf(devices)} removed from the inventory.${left}`, {
    action: {
      label: 'Undo',
      run: () => void perform('devices.restore', { devices: ids }).then(refreshDevices),
    },
  });
}
