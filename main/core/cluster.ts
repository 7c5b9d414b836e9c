/**
 * A cluster as plain data: devices with their speeds, the links between them and the server, how both
 * change with time, and what goes wrong. What is left out of a description is filled in here, so that
 * everything behind reads complete figures; a complete cluster is a valid description itself.
 */
import { z } from 'zod';
import { CaduceusError } from './errors.ts';
import { type Issue, issuesOf } from './issue.ts';
import { MODELS } from './model.ts';

/** How the source of a cluster begins that was measured. */
export const MEASURED_IN = 'Measured in run ';

/** Devices that a cluster may have, copies counted. */
export const MAX_DEVICES = 100_000;
const MAX_SECONDS = 31_536_000;

const name = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\w.-]+$/, 'use letters, digits, dots, hyphens and underscores');
const moment = z.number().min(0).max(MAX_SECONDS);
const duration = z.number().positive().max(MAX_SECONDS);
const bitRate = z.number().min(1).max(1e13);

const linkFields = {
  /** Worker to server. */
  upBitsPerSecond: bitRate,
  downBitsPerSecond: bitRate,
  /** One way. */
  latencyMs: z.number().min(0).max(60_000),
  /** Share of packets that are lost and sent again. */
  lossProbability: z.number().min(0).max(0.3),
};
const linkSchema = z.strictObject({ ...linkFields, lossProbability: linkFields.lossProbability.default(0) });

const deviceFields = {
  /** Standard deviation of an iteration's time over its mean. */
  jitter: z.number().min(0).max(0.25),
  /**
   * Share of a training step at the reference batch that does not depend on the batch:
   * step(b) = step(reference) × (fixedShare + (1 − fixedShare) × b / reference).
   */
  fixedShare: z.number().min(0).max(0.99),
  /** What the device says of its memory; rows may take a part of it. */
  memoryBytes: z
    .number()
    .int()
    .min(2 ** 20)
    .max(2 ** 50),
  cores: z.number().int().min(1).max(4096),
};

const delayList = z.array(z.number().min(0).max(3_600_000)).max(1000).default([]);
/**
 * What holds a device up besides training and its link: milliseconds of which one is drawn, each as likely,
 * after its first model, after every later one, after a release without one, and between two iterations
 * with neither. Measured where they come from a run.
 */
const delaysSchema = z.strictObject({ start: delayList, model: delayList, release: delayList, next: delayList });

const deviceSchema = z.strictObject({
  name,
  /** This many of them, named `<name>-1`, `<name>-2`, … */
  count: z.number().int().min(1).max(MAX_DEVICES).optional(),
  /** Rows in training steps at the reference batch, without waiting. */
  samplesPerSecond: z.number().min(1e-6).max(1e9),
  jitter: deviceFields.jitter.optional(),
  fixedShare: deviceFields.fixedShare.optional(),
  memoryBytes: deviceFields.memoryBytes.optional(),
  cores: deviceFields.cores.optional(),
  link: z.strictObject(linkFields).partial().optional(),
  delays: delaysSchema.optional(),
});

const faultSchema = z.discriminatedUnion('kind', [
  /** The process dies. `silent`: with its whole machine, so that the server is not told. */
  z.strictObject({
    kind: z.literal('crash'),
    device: name,
    atSeconds: moment,
    silent: z.boolean().optional(),
    /** A new process takes its place after this long; never when left out. */
    backAfterSeconds: duration.optional(),
  }),
  /** The process stands still, as if suspended. */
  z.strictObject({ kind: z.literal('pause'), device: name, atSeconds: moment, forSeconds: duration }),
  /** Training takes `factor` times as long, for good when no duration is given. */
  z.strictObject({
    kind: z.literal('slow-down'),
    device: name,
    atSeconds: moment,
    factor: z.number().min(0.001).max(10_000),
    forSeconds: duration.optional(),
  }),
  /** Nothing passes the device's link, either way. */
  z.strictObject({ kind: z.literal('partition'), device: name, atSeconds: moment, forSeconds: duration }),
  /** The device comes only then; the run does not wait for it. */
  z.strictObject({ kind: z.literal('late-join'), device: name, atSeconds: moment }),
  /** A second process appears under the device's name. */
  z.strictObject({ kind: z.literal('clone'), device: name, atSeconds: moment }),
]);

const clusterSchema = z.strictObject({
  name,
  /** Where the figures come from, in words. */
  source: z.string().min(1).max(4000),
  /**
   * What the speeds were measured with. With a model named, other models are slower or faster by their
   * multiply-adds; without one, the speeds hold for whatever is trained.
   */
  reference: z.strictObject({ batch: z.number().int().min(1).max(65_536), model: z.string().optional() }),
  /** Training rows lie on the devices from the start, or come over the links. */
  rows: z.enum(['shipped', 'on-devices']).default('shipped'),
  /** The server's own connection, shared by all devices; unlimited where left out. */
  server: z
    .strictObject({
      upBitsPerSecond: bitRate.optional(),
      downBitsPerSecond: bitRate.optional(),
      /** Time that it takes to judge a model; none where left out. */
      judgeMs: z.number().min(0).max(3_600_000).optional(),
    })
    .default({}),
  defaults: z
    .strictObject({
      jitter: deviceFields.jitter.optional(),
      fixedShare: deviceFields.fixedShare.optional(),
      memoryBytes: deviceFields.memoryBytes.optional(),
      cores: deviceFields.cores.optional(),
    })
    .default({}),
  link: linkSchema,
  devices: z.array(deviceSchema).min(1).max(MAX_DEVICES),
  /** From `atSeconds` on, these devices run at this multiple of their stated speed. */
  schedule: z
    .array(z.strictObject({ atSeconds: moment, speeds: z.record(name, z.number().min(0.0001).max(10_000)) }))
    .max(10_000)
    .default([]),
  /** The schedule starts again every so often. */
  repeatEverySeconds: duration.optional(),
  faults: z.array(faultSchema).max(10_000).default([]),
});

export type ClusterInput = z.input<typeof clusterSchema>;
export type Fault = z.infer<typeof faultSchema>;
export type LinkSpec = z.infer<typeof linkSchema>;
export type Delays = z.infer<typeof delaysSchema>;

export interface DeviceSpec {
  name: string;
  samplesPerSecond: number;
  jitter: number;
  fixedShare: number;
  memoryBytes: number;
  cores: number;
  link: LinkSpec;
  delays?: Delays;
}

export interface Cluster {
  name: string;
  source: string;
  reference: { batch: number; model?: string };
  rows: 'shipped' | 'on-devices';
  server: { upBitsPerSecond?: number; downBitsPerSecond?: number; judgeMs?: number };
  link: LinkSpec;
  devices: DeviceSpec[];
  schedule: { atSeconds: number; speeds: Record<string, number> }[];
  repeatEverySeconds?: number;
  faults: Fault[];
}

/**
 * The fixed share is our wasm engine's: a step of mlp-109k took 0.41 ms + 0.0104 ms a row on one
 * EPYC core, 0.565 ms at batch 16.
 */
const DEFAULTS = { jitter: 0, fixedShare: 0.7, memoryBytes: 4 * 2 ** 30, cores: 1 };

/** Of real devices, by a run: their names are those of somebody's machines. */
export function isMeasured({ source, devices }: Pick<Cluster, 'source' | 'devices'>): boolean {
  return source.startsWith(MEASURED_IN) || devices.some(({ delays }) => delays !== undefined);
}

/** The fields that are wrong; contradictions between them are found by `parseCluster`. */
export function clusterIssues(input: unknown): Issue[] {
  const parsed = clusterSchema.safeParse(input);
  return parsed.success ? [] : issuesOf(parsed.error);
}

/** @throws CAD-CLUSTER naming every field that is wrong, with its range. */
export function parseCluster(input: unknown): Cluster {
  const parsed = clusterSchema.safeParse(input);
  if (!parsed.success) {
    throw invalid(parsed.error.issues.map((issue) => `${issue.path.join('.') || 'cluster'}: ${issue.message}`));
  }
  const { defaults, devices, reference, server, repeatEverySeconds, ...rest } = parsed.data;
  const total = devices.reduce((sum, { count = 1 }) => sum + count, 0);
  if (total > MAX_DEVICES) throw invalid([`devices: ${total}, more than ${MAX_DEVICES}`]);
  const expanded = devices.flatMap(({ count, link, ...device }) => {
    const known = Object.fromEntries(Object.entries(device).filter(([, value]) => value !== undefined));
    const given = Object.fromEntries(Object.entries(link ?? {}).filter(([, value]) => value !== undefined));
    const spec = { ...DEFAULTS, ...defaults, ...known, link: { ...rest.link, ...given } } as DeviceSpec;
    if (count === undefined) return [spec];
    return Array.from({ length: count }, (_, index) => ({ ...spec, name: `${device.name}-${index + 1}` }));
  });
  const cluster: Cluster = {
    ...rest,
    reference: { batch: reference.batch, ...(reference.model !== undefined && { model: reference.model }) },
    server: Object.fromEntries(Object.entries(server).filter(([, value]) => value !== undefined)),
    devices: expanded,
    ...(repeatEverySeconds !== undefined && { repeatEverySeconds }),
  };
  refuseContradictions(cluster);
  return cluster;
}

function refuseContradictions({ devices, reference, schedule, faults, repeatEverySeconds = Infinity }: Cluster): void {
  const complaints: string[] = [];
  const names = new Set<string>();
  for (const device of devices) {
    if (names.has(device.name)) complaints.push(`devices: two are named ${device.name}`);
    names.add(device.name);
  }
  if (reference.model !== undefined && !Object.hasOwn(MODELS, reference.model)) {
    complaints.push(`reference.model: no model is named ${reference.model}; use ${Object.keys(MODELS).join(', ')}`);
  }
  for (const [index, { atSeconds, speeds }] of schedule.entries()) {
    for (const device of Object.keys(speeds)) {
      if (!names.has(device)) complaints.push(`schedule.${index}.speeds: no device is named ${device}`);
    }
    if (atSeconds >= repeatEverySeconds) complaints.push(`schedule.${index}.atSeconds: not below repeatEverySeconds`);
  }
  const late = new Set<string>();
  for (const [index, { kind, device }] of faults.entries()) {
    if (!names.has(device)) complaints.push(`faults.${index}.device: no device is named ${device}`);
    if (kind !== 'late-join') continue;
    if (late.has(device)) complaints.push(`faults.${index}: ${device} joins twice`);
    late.add(device);
  }
  if (late.size === names.size) complaints.push('faults: every device joins late; one must be there at the start');
  if (complaints.length > 0) throw invalid(complaints);
}

function invalid(complaints: readonly string[]): CaduceusError {
  const shown = complaints.slice(0, 10).join('; ');
  const rest = complaints.length > 10 ? `; and ${complaints.length - 10} more` : '';
  return new CaduceusError(
    'CAD-CLUSTER',
    `the cluster is not valid: ${shown}${rest}`,
    'Correct the named fields; the presets in resources/clusters show the form.',
  );
}
