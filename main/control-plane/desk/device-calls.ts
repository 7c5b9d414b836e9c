/** The calls about devices, over the inventory; what takes minutes is a job. */
import type { CheckedInput, DeviceLogLines, JobKind, JobStarted } from '../../core/api.ts';
import type { DeployRequest, DeploySummary, DevicesApi } from '../../core/device.ts';
import { reportError } from '../../core/errors.ts';
import type { CallHandlers, ChannelSink } from '../bridge-host.ts';
import type { Jobs } from './jobs.ts';

const LINES_AT_ONCE = 500;
const TELL_EVERY_MS = 100;

type DeviceCalls = Pick<CallHandlers, Extract<keyof CallHandlers, `devices.${string}`>>;

/** @param atOnce Devices deployed to at the same time. */
export function deviceCalls(devices: DevicesApi, jobs: Jobs, atOnce: () => number): DeviceCalls {
  const job = (
    kind: JobKind,
    verb: string,
    names: readonly string[],
    work: () => Promise<DeploySummary>,
  ): JobStarted => {
    const count = names.length === 0 ? 'all devices' : names.length === 1 ? names[0] : `${names.length} devices`;
    return jobs.start({
      kind,
      title: `${verb} ${count}`,
      cancellable: true,
      work: async ({ signal }) => {
        // A device that has been removed meanwhile has nothing to cancel.
        signal.addEventListener('abort', () => void devices.cancel(names).catch(() => undefined));
        return { kind: 'devices', summary: await work() };
      },
    });
  };
  return {
    'devices.list': () => devices.list(),
    'devices.add': (input) => devices.add(input.devices),
    'devices.importList': ({ text }) => devices.importList(text),
    'devices.update': ({ device, change }) => devices.update(device, change),
    'devices.remove': (input) => (devices.remove(input.devices), null),
    'devices.restore': (input) => (devices.restore(input.devices), null),
    'devices.discover': ({ source }) => devices.discover(source),
    'devices.deploy': (input) =>
      job('deploy', 'Deploy to', input.devices, () => devices.deploy({ ...requestOf(input), atOnce: atOnce() })),
    'devices.probe': (input) => job('probe', 'Look at', input.devices, () => devices.probe(input.devices)),
    'devices.cancel': async (input) => (await devices.cancel(input.devices), null),
    'devices.answer': ({ device, answer }) => (devices.answer(device, answer), null),
    'devices.stopAgents': (input) =>
      job('stop-agents', 'Stop the agents of', input.devices, () => devices.stopAgents(input.devices)),
    'devices.uninstall': (input) =>
      job('uninstall', 'Take Caduceus off', input.devices, () => devices.uninstall(input.devices)),
  };
}

function requestOf({ devices, ...flags }: CheckedInput<'devices.deploy'>): DeployRequest {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return { devices, ...Object.fromEntries(given) };
}

/** Follows a device's log; lines are gathered, so that a talkative device is not a message a line. */
export function followLog(
  devices: DevicesApi,
  { device, lines }: { device: string; lines: number },
  sink: ChannelSink<DeviceLogLines>,
): () => void {
  let waiting: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length > 0) sink.next({ lines: waiting, ended: false, error: null });
    waiting = [];
  };
  const log = devices.logs(device, { lines, follow: true }, (line) => {
    waiting.push(line);
    if (waiting.length > LINES_AT_ONCE) waiting.shift();
    timer ??= setTimeout(tell, TELL_EVERY_MS);
  });
  log.whenDone.then(
    () => (tell(), sink.next({ lines: [], ended: true, error: null })),
    (error: unknown) => (tell(), sink.next({ lines: [], ended: true, error: reportError(error) })),
  );
  return () => {
    clearTimeout(timer);
    log.stop();
  };
}
