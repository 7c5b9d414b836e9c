/** What a device is and how it fares, in words. Everything is text; what devices say is never markup. */
import type { DeployStep, DevicePath, DeviceSource, DeviceView } from '../../../main/core/device.ts';
import { bytes, decimal, plural, UNKNOWN } from '../../../main/core/display/format.ts';
import type { IconName } from '../../components/icon.tsx';
import type { Tone } from '../../components/status-dot.tsx';

export const STEP_WORDS: Record<DeployStep, string> = {
  resolve: 'Resolve',
  reach: 'Reach',
  'host-key': 'Host key',
  authenticate: 'Authenticate',
  probe: 'Probe',
  plan: 'Plan',
  upload: 'Upload',
  verify: 'Verify',
  start: 'Start',
  handshake: 'Handshake',
  benchmark: 'Benchmark',
};

export const SOURCE_WORDS: Record<DeviceSource, string> = {
  address: 'address',
  tailnet: 'tailnet',
  'ssh-config': 'ssh config',
  list: 'list',
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** An answer older than this is told with its age: the device was well then, nobody knows about now. */
export const FRESH_MS = 10 * MINUTE_MS;
/** Warn that a node's key expires on the tailnet within this time. */
export const KEY_EXPIRY_WARNING_MS = 14 * DAY_MS;

export interface StateWords {
  tone: Tone;
  word: string;
  detail?: string;
  icon?: IconName;
  live?: boolean;
}

/** State in words; health is told by when the device was last heard, never by a flag alone. */
export function stateWords(device: DeviceView, nowMs: number): StateWords {
  const heard = device.lastSeenAt === null ? null : nowMs - Date.parse(device.lastSeenAt);
  switch (device.state) {
    case 'new':
      return { tone: 'neutral', word: 'not deployed' };
    case 'deploying':
      return { tone: 'busy', word: 'deploying', live: true, ...detailOf(stepNow(device)) };
    case 'needs-you':
      return { tone: 'warn', icon: 'question', word: questionWords(device) };
    case 'training':
      return { tone: 'good', icon: 'play', word: 'training', live: true };
    case 'ready':
      if (heard !== null && heard > FRESH_MS) {
        return { tone: 'neutral', icon: 'clock', word: 'ready', detail: `as of ${age(heard)} ago` };
      }
      return { tone: 'good', word: 'ready' };
    case 'failed':
      return { tone: 'bad', word: 'failed', ...detailOf(failedStep(device)) };
    case 'offline':
      return {
        tone: 'bad',
        icon: 'offline',
        word: heard === null ? 'never answered' : `offline for ${age(heard)}`,
      };
  }
}

function detailOf(detail: string | undefined): { detail?: string } {
  return detail === undefined ? {} : { detail };
}

function stepNow(device: DeviceView): string | undefined {
  const step = device.steps?.find(({ state }) => state === 'running' || state === 'needs-you');
  if (step === undefined) return undefined;
  const share = step.progress === undefined ? '' : ` ${decimal(100 * step.progress)} %`;
  return `${STEP_WORDS[step.step].toLowerCase()}${share}`;
}

function failedStep(device: DeviceView): string | undefined {
  const step = device.steps?.find(({ state }) => state === 'failed');
  return step === undefined ? undefined : `at ${STEP_WORDS[step.step].toLowerCase()}`;
}

function questionWords({ question }: DeviceView): string {
  switch (question?.kind) {
    case 'trust':
      return 'first contact: trust its key?';
    case 'key-changed':
      return 'its key has changed';
    case 'secret':
      return `wants a ${question.secret === 'answer' ? 'reply' : question.secret}`;
    case 'open-url':
      return 'wants you to log in';
    case undefined:
      return 'waits for you';
  }
}

/** `40 s`, `5 min`, `3 h`, `2 days`. */
export function age(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.round(ms / 1000))} s`;
  if (ms < HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  if (ms < DAY_MS) return `${Math.round(ms / HOUR_MS)} h`;
  const days = Math.round(ms / DAY_MS);
  return days === 1 ? '1 day' : `${days} days`;
}

/** `arm64 · 6 cores · 8 GB`; what was not found is left out. */
export function whatItIs({ facts }: Pick<DeviceView, 'facts'>): string {
  if (facts === null) return UNKNOWN;
  const parts = [
    facts.architecture,
    facts.cores === undefined ? undefined : plural(facts.cores, 'core').replace(' ', '\u00a0'),
    facts.memoryBytes === undefined ? undefined : gibibytes(facts.memoryBytes).replace(' ', '\u00a0'),
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** Memory as it is sold: 8 GB of it are 8 × 2³⁰ bytes, less what the firmware keeps. */
export function gibibytes(value: number): string {
  const size = value / 2 ** 30;
  return size < 0.95 ? `${decimal(value / 2 ** 20)} MB` : `${decimal(size, size < 10 ? 1 : 0, 0)} GB`;
}

export function pathWords(path: DevicePath | null): string {
  if (path === null) return UNKNOWN;
  const latency = path.latencyMs === undefined ? '' : ` ${decimal(path.latencyMs, path.latencyMs < 10 ? 1 : 0, 0)} ms`;
  return `${path.kind}${latency}`;
}

export function tookWords(ms: number | undefined): string | undefined {
  if (ms === undefined) return undefined;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < MINUTE_MS ? `${decimal(ms / 1000, 1)} s` : age(ms);
}

/** Days until the node's key expires on the tailnet, where that is soon; negative when it has. */
export function keyExpiryDays(device: Pick<DeviceView, 'keyExpiresAt'>, nowMs: number): number | undefined {
  if (device.keyExpiresAt === undefined) return undefined;
  const left = Date.parse(device.keyExpiresAt) - nowMs;
  return left < KEY_EXPIRY_WARNING_MS ? Math.floor(left / DAY_MS) : undefined;
}

/** The same connection by hand, to compare with what the window sees. */
export function sshCommand(device: Pick<DeviceView, 'address' | 'port' | 'user' | 'keyFile' | 'jump'>): string {
  const { address, port, user, keyFile, jump } = device;
  return [
    'ssh',
    ...(port === 22 ? [] : ['-p', String(port)]),
    ...(keyFile === undefined ? [] : ['-i', keyFile]),
    ...(jump.length === 0 ? [] : ['-J', jump.join(',')]),
    user === undefined ? address : `${user}@${address}`,
  ]
    .map(shellWord)
    .join(' ');
}

function shellWord(word: string): string {
  return /^[A-Za-z0-9@%+=:,./~_-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Largest first; for the facts of a device. */
export function freeOf(free: number | undefined, all: number | undefined): string | undefined {
  if (all === undefined && free === undefined) return undefined;
  if (all === undefined) return `${bytes(free)} free`;
  return free === undefined ? gibibytes(all) : `${gibibytes(all)}, ${gibibytes(free)} free`;
}
