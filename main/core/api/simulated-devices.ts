/**
 * Devices that are only described: they belong to the inventory, and train in the simulator alone. Never to be
 * taken for real ones: they have no address, no key and nothing that was measured.
 */
import { z } from 'zod';

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
