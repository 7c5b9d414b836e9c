/** What a user sets once for all runs. Kept as one file in the data directory. */
import { z } from 'zod';

/** Raised when a field changes its meaning; `migrateSettings` brings older files here. */
export const SETTINGS_VERSION = 1;

export const settingsSchema = z.strictObject({
  version: z.literal(SETTINGS_VERSION).default(SETTINGS_VERSION),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** Of the window's own motion, on top of the system's wish. */
  motion: z.enum(['system', 'reduced']).default('system'),
  /** Where data sets are looked for when a run names no directory. */
  dataDirectory: z.string().min(1).max(4096).nullable().default(null),
  /** Where parameter servers listen when a run names no address; null: wherever its devices reach it. */
  listenHost: z.string().min(1).max(253).nullable().default(null),
  listenPort: z.number().int().min(0).max(65_535).default(0),
  /** Devices deployed to at the same time. */
  deployConcurrency: z.number().int().min(1).max(64).default(8),
  /** Simulations of a comparison at the same time; null: one a processor. */
  simulationConcurrency: z.number().int().min(1).max(256).nullable().default(null),
  /** Host names and addresses in reports, unless a report says otherwise. */
  reportHosts: z.boolean().default(false),
  reportFormats: z
    .array(z.enum(['html', 'pdf', 'csv', 'json', 'md', 'tex']))
    .max(6)
    .default(['html', 'csv']),
  /** What a new experiment starts from. */
  defaultPolicy: z.string().min(1).max(80).default('hermes'),
  defaultCluster: z.string().min(1).max(80).default('hermes-12'),
  /** On closing the window while a run trains (desktop). */
  onClose: z.enum(['ask', 'keep', 'stop']).default('ask'),
});

export type Settings = z.infer<typeof settingsSchema>;

export const settingsChangeSchema = settingsSchema.omit({ version: true }).partial();

/**
 * Settings from what a file held, however old. @returns undefined when it cannot be understood.
 */
export function readSettings(stored: unknown): Settings | undefined {
  const parsed = settingsSchema.safeParse(stored);
  return parsed.success ? parsed.data : undefined;
}
