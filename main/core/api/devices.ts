/** Inputs of the calls about devices; the devices themselves are in `core/device.ts`. */
import { z } from 'zod';
import type { DeviceInput } from '../device.ts';

/** An identifier or a name. */
export const deviceKey = z.string().min(1).max(128);
export const deviceKeys = z.strictObject({ devices: z.array(deviceKey).max(256) });

/** One by one they are checked by the inventory, whose errors name the field. */
export const devicesInput = z.strictObject({
  devices: z
    .array(z.custom<DeviceInput>((value) => typeof value === 'object' && value !== null))
    .min(1)
    .max(256),
});

/** The fields are checked by the inventory, whose errors name them. */
export const deviceChange = z.strictObject({ device: deviceKey, change: z.record(z.string().max(40), z.json()) });

export const deployInput = z.strictObject({
  /** Identifiers, names, or `tag:…`. Empty: every device. */
  devices: z.array(deviceKey).max(256),
  failedOnly: z.boolean().optional(),
  acceptNew: z.boolean().optional(),
  benchmark: z.boolean().optional(),
  native: z.boolean().optional(),
  previous: z.boolean().optional(),
});

const question = z.string().min(1).max(128);
const fingerprint = z.string().min(1).max(200);

export const deviceAnswer = z.strictObject({
  device: deviceKey,
  answer: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('trust'), question, fingerprint }),
    z.strictObject({ kind: z.literal('replace-key'), question, fingerprint }),
    z.strictObject({ kind: z.literal('secret'), question, value: z.string().max(4096), remember: z.boolean() }),
    z.strictObject({ kind: z.literal('refuse'), question }),
  ]),
});

/*
 * Devices that are only described: they belong to the inventory, and train in the simulator alone. Never to be taken
 * for real ones: they have no address, no key and nothing that was measured.
 */

/** As many as a person keeps in view; whole clusters are described on the screen that simulates. */
export const MAX_SIMULATED_DEVICES = 200;

const figures = {
  name: z.string().regex(/^[\w.-]{1,64}$/, 'letters, digits, dots, hyphens and underscores; at most 64'),
  /** Rows in training steps at the reference batch, without waiting. */
  samplesPerSecond: z.number().min(0.1).max(1e7),
  upBitsPerSecond: z.number().min(1000).max(1e12),
  downBitsPerSecond: z.number().min(1000).max(1e12),
  /** One way. */
  latencyMs: z.number().min(0).max(60_000),
};

export const simulatedDeviceSchema = z.strictObject({ id: z.string().regex(/^[a-z0-9]{1,32}$/), ...figures });
export type SimulatedDevice = z.infer<typeof simulatedDeviceSchema>;

export const addSimulatedInput = z.strictObject({
  device: z.strictObject(figures),
  /** This many alike; numbered when there are several. */
  count: z.number().int().min(1).max(MAX_SIMULATED_DEVICES).default(1),
});

export const simulatedIds = z.strictObject({
  ids: z.array(simulatedDeviceSchema.shape.id).min(1).max(MAX_SIMULATED_DEVICES),
});

export const simulatedDevicesFile = z.array(simulatedDeviceSchema).max(MAX_SIMULATED_DEVICES);
