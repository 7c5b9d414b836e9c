/**
 * Devices: what the inventory keeps, what deployment tells of itself, and what every host — window,
 * browser, command line — shows of them. Plain JSON, so that it crosses any border.
 */
import { z } from 'zod';
import type { ErrorReport } from './errors.ts';

/** Where a device was found. */
export const DEVICE_SOURCES = ['address', 'tailnet', 'ssh-config', 'list'] as const;
export type DeviceSource = (typeof DEVICE_SOURCES)[number];

const label = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,62}$/u, 'letters, digits, dot, dash, underscore; at most 63');
/** Never like an option: it is given to programs of the system. */
const host = z.string().regex(/^[A-Za-z0-9:][A-Za-z0-9._:%-]{0,252}$/, 'a host name or an address');

/** One device as a user, a list or a tailnet names it. */
export const deviceInputSchema = z.strictObject({
  /** Absent: taken from the address. Unique; a number is added when it is taken. */
  name: label.optional(),
  address: host,
  /** 22 stands for the ssh configuration's, unless it was said on purpose. */
  port: z.number().int().min(1).max(65_535).default(22),
  /** The port was said on purpose: the ssh configuration's does not count. Set by whoever adds the device. */
  isPortSaid: z.boolean().optional(),
  /** Absent: what the ssh configuration or the controller's own user says. */
  user: z
    .string()
    .regex(/^[A-Za-z0-9._\\$@-]{1,64}$/, 'a user name')
    .optional(),
  /** A private key on the controller, by reference; never copied. */
  keyFile: z.string().min(1).max(4096).optional(),
  /** Devices by name, or `user@host:port`, passed through in this order. */
  jump: z.array(z.string().min(1).max(320)).max(4).default([]),
  /** On the device; absent: `.caduceus` in its home. */
  workDirectory: z
    .string()
    .regex(/^[/~][^\0\n]{0,1023}$/, 'an absolute path')
    .optional(),
  tags: z.array(label).max(16).default([]),
  /** What the agent may use of the device. */
  caps: z
    .strictObject({
      /** Of one core, percent. */
      cpuPercent: z.number().min(1).max(6400).optional(),
      memoryMiB: z.number().int().min(64).max(1_048_576).optional(),
    })
    .default({}),
  source: z.enum(DEVICE_SOURCES).default('address'),
  /** The tailnet's identifier of the node, where it came from one. */
  nodeId: z.string().max(128).optional(),
});
export type DeviceInput = z.input<typeof deviceInputSchema>;
export type DeviceSettings = z.infer<typeof deviceInputSchema>;

/** What a probe found. Unknown figures are absent, never 0. */
export interface DeviceFacts {
  architecture: string;
  system: string;
  /** `glibc 2.36`, `musl 1.2.4`. */
  libc?: string;
  cores?: number;
  /** Instruction sets that engines care for: `avx`, `avx2`, `neon`. */
  instructions: string[];
  memoryBytes?: number;
  freeMemoryBytes?: number;
  freeDiskBytes?: number;
  /** Version of the device's own Node. */
  node?: string;
  /** It could install the native engine. */
  hasNpm?: true;
  load1?: number;
  /** Device's clock minus ours. */
  clockSkewMs?: number;
  loginShell?: string;
  temperatureC?: number;
  /** The device's own word for its model. */
  model?: string;
  sshServer?: string;
}

/** The steps of a deployment, in order. */
export const DEPLOY_STEPS = [
  ...['resolve', 'reach', 'host-key', 'authenticate', 'probe'],
  ...['plan', 'upload', 'verify', 'start', 'handshake', 'benchmark'],
] as const;
export type DeployStep = (typeof DEPLOY_STEPS)[number];

export interface StepProgress {
  step: DeployStep;
  state: 'waiting' | 'running' | 'needs-you' | 'done' | 'skipped' | 'failed' | 'cancelled';
  /** What it found or does, in a few words: `port 22, OpenSSH 9.6`, `18.4 of 29.7 MB`. */
  detail?: string;
  /** Once it has ended. */
  tookMs?: number;
  /** 0 … 1, where it can be told. */
  progress?: number;
  /** Newest lines, oldest first, control characters removed. */
  log: string[];
  error?: ErrorReport;
}

/** A question that only the user can answer; the step waits for it, within its bound. */
export type DeviceQuestion =
  | {
      kind: 'trust';
      question: string;
      /** The machine asked about: the device, or a jump host on the way to it. */
      host: string;
      /** `SHA256:…`, as OpenSSH prints it. */
      fingerprint: string;
      keyType: string;
      /** The tailnet lists the same key for this node. */
      knownToTailnet: boolean;
      /** To be run on the device itself. */
      checkCommand: string;
    }
  | {
      /** The key differs from the trusted one. Never answered by `trust`. */
      kind: 'key-changed';
      question: string;
      host: string;
      fingerprint: string;
      keyType: string;
      trustedFingerprint: string;
      /** Null: it comes from a known_hosts file, which does not say. */
      trustedSince: string | null;
      knownToTailnet: boolean;
      checkCommand: string;
    }
  | {
      kind: 'secret';
      question: string;
      host: string;
      secret: 'password' | 'passphrase' | 'answer';
      /** The device's own words, or the key's path; untrusted text. */
      prompt: string;
      /** Whether what is typed may be seen. */
      isShown: boolean;
      /** Whether the vault could keep it. */
      canRemember: boolean;
    }
  /** The device waits until the user has been there; taken back by itself then. */
  | { kind: 'open-url'; question: string; host: string; url: string };

export type DeviceAnswer =
  | { kind: 'trust'; question: string; fingerprint: string }
  /** The device was reinstalled: the old key is forgotten. */
  | { kind: 'replace-key'; question: string; fingerprint: string }
  | { kind: 'secret'; question: string; value: string; remember: boolean }
  | { kind: 'refuse'; question: string };

export type DeviceState =
  /** Never deployed. */
  | 'new'
  | 'deploying'
  | 'needs-you'
  /** Deployed and verified, as of `lastSeenAt`: how it is now nobody knows when that is long ago. */
  | 'ready'
  | 'training'
  | 'failed'
  /** Could not be reached; answered last at `lastSeenAt`. */
  | 'offline';

export interface DevicePath {
  /** `relay`: through the tailnet's relay; `tunnel`: the SSH connection carries the worker's. */
  kind: 'direct' | 'relay' | 'lan' | 'tunnel' | 'loopback';
  latencyMs?: number;
  /** Why it is not direct, in words. */
  reason?: string;
}

export interface DeviceBenchmark {
  engine: string;
  model: string;
  batch: number;
  samplesPerSecond: number;
  measuredAt: string;
}

/** A device as screens show it. */
export interface DeviceView extends DeviceSettings {
  id: string;
  name: string;
  state: DeviceState;
  addedAt: string;
  /** Last time it answered; health is told by this age. */
  lastSeenAt: string | null;
  trust: { fingerprint: string; keyType: string; since: string; by: 'user' | 'tailnet' | 'known-hosts' } | null;
  facts: DeviceFacts | null;
  benchmark: DeviceBenchmark | null;
  path: DevicePath | null;
  /** What is installed on it, and where; `version` is the SHA-256 of its manifest. */
  deployment: {
    version: string;
    directory: string;
    deployedAt: string;
    engine?: string;
    /** Another one whenever somebody has written to its files since their sums were proved. */
    seal?: string;
  } | null;
  /** The deployment under way or the last one; all steps, in order. */
  steps: StepProgress[] | null;
  question: DeviceQuestion | null;
  error: ErrorReport | null;
  /** Run that it trains in. */
  run: string | null;
  /** Its key expires on the tailnet on this day. */
  keyExpiresAt?: string;
}

/** A device that could be added. */
export interface DiscoveredDevice {
  input: DeviceInput;
  /** In the inventory already, under this identifier. */
  known: string | null;
  online: boolean | null;
  system?: string;
  path?: DevicePath;
  /** What stands against adding it, in words. */
  note?: string;
}

export interface Discovery {
  source: 'tailnet' | 'ssh-config';
  /** `shelf.ts.net`, `~/.ssh/config`. */
  where: string;
  devices: DiscoveredDevice[];
  warnings: string[];
}

export interface DeploySummary {
  devices: {
    id: string;
    name: string;
    ok: boolean;
    uploadedBytes: number;
    tookMs: number;
    error?: ErrorReport;
    /** What became of the native engine that was asked for. */
    native?: { isInstalled: boolean; reason?: string };
  }[];
  tookMs: number;
}

export interface DeployRequest {
  /** Identifiers, names, or `tag:…`. Empty: every device. */
  devices: string[];
  /** Only those whose last deployment failed. */
  failedOnly?: boolean;
  /** First contacts are trusted without asking; changed keys never are. */
  acceptNew?: boolean;
  /** Measure the engine's speed at the end. */
  benchmark?: boolean;
  /** Have the device's own npm install the native engine, where it can. Never a reason to fail. */
  native?: boolean;
  /** Go back to the version that was in use before the current one, and is kept on the device. */
  previous?: boolean;
  /** Devices at the same time; absent: as many as suit most. */
  atOnce?: number;
}

/** The inventory and everything that is done to devices. One implementation, every host. */
export interface DevicesApi {
  list(): DeviceView[];
  /** @throws CAD-DEVICE-UNKNOWN, naming those that match the beginning. */
  find(wanted: string): DeviceView;
  /** All or none. @throws CAD-DEVICE-INVALID, CAD-DEVICE-EXISTS */
  add(inputs: readonly DeviceInput[]): DeviceView[];
  /** JSON or CSV, told by its content. @throws CAD-DEVICE-INVALID naming the line. */
  importList(text: string): DeviceView[];
  update(device: string, change: Partial<DeviceInput>): DeviceView;
  /** Forgets devices; `restore` takes it back, until the program ends. What is installed on them stays. */
  remove(devices: readonly string[]): void;
  restore(devices: readonly string[]): void;
  /** @throws CAD-TAILNET, CAD-SSH-CONFIG */
  discover(source: 'tailnet' | 'ssh-config'): Promise<Discovery>;
  /** Resolves when every device has ended; failures are in the summary, never thrown. */
  deploy(request: DeployRequest): Promise<DeploySummary>;
  /** The first steps only, up to `probe`. `acceptNew` as for a deployment. */
  probe(devices: readonly string[], options?: { acceptNew?: boolean }): Promise<DeploySummary>;
  /** Ends deployments under way; leaves nothing half-done on the devices. */
  cancel(devices: readonly string[]): Promise<void>;
  /** @throws CAD-DEVICE-UNKNOWN; CAD-USAGE when nobody asks this any more. */
  answer(device: string, answer: DeviceAnswer): void;
  /** Ends the agents that we started there, nothing else. */
  stopAgents(devices: readonly string[]): Promise<DeploySummary>;
  /** Takes everything of ours off the devices: 0 files are left. */
  uninstall(devices: readonly string[]): Promise<DeploySummary>;
  /** The agent's log: the newest lines, then each new one until it is stopped. */
  logs(
    device: string,
    options: { lines: number; follow: boolean },
    onLine: (line: string) => void,
  ): { whenDone: Promise<void>; stop(): void };
  /** Called whenever any view changed, at most ten times a second; returns how to stop. */
  onChange(listener: (devices: DeviceView[]) => void): () => void;
  close(): Promise<void>;
}
