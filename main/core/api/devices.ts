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
