/** What a user sets once for all runs. Kept as one file in the data directory. */
import { z } from 'zod';
import { isEveryAddress } from './listen-address.ts';

/** Raised when a field changes its meaning; `migrateSettings` brings older files here. */
export const SETTINGS_VERSION = 1;

const FIELDS = {
  theme: z.enum(['system', 'light', 'dark']),
  /** Of the window's own motion, on top of the system's wish. */
  motion: z.enum(['system', 'reduced']),
  /** Where data sets are looked for when a run names no directory. */
  dataDirectory: z.string().min(1).max(4096).nullable(),
  /** Where parameter servers listen when a run names no address; null: wherever its devices reach it. */
  listenHost: z
    .string()
    .min(1)
    .max(253)
    .refine((host) => !isEveryAddress(host), 'name one address: every interface is too many')
    .nullable(),
  listenPort: z.number().int().min(0).max(65_535),
  /** Devices deployed to at the same time. */
  deployConcurrency: z.number().int().min(1).max(64),
  /** Simulations of a comparison at the same time; null: one a processor. */
  simulationConcurrency: z.number().int().min(1).max(256).nullable(),
  /** Host names and addresses in reports, unless a report says otherwise. */
  reportHosts: z.boolean(),
  /** That are chosen when a report is asked for. */
  reportFormats: z.array(z.enum(['html', 'pdf', 'csv', 'json', 'md', 'tex'])).max(6),
  /** On closing the window while a run trains (desktop). */
  onClose: z.enum(['ask', 'keep', 'stop']),
};

export const settingsSchema = z.strictObject({
  version: z.literal(SETTINGS_VERSION).default(SETTINGS_VERSION),
  theme: FIELDS.theme.default('system'),
  motion: FIELDS.motion.default('system'),
  dataDirectory: FIELDS.dataDirectory.default(null),
  listenHost: FIELDS.listenHost.default(null),
  listenPort: FIELDS.listenPort.default(0),
  deployConcurrency: FIELDS.deployConcurrency.default(8),
  simulationConcurrency: FIELDS.simulationConcurrency.default(null),
  reportHosts: FIELDS.reportHosts.default(false),
  reportFormats: FIELDS.reportFormats.default(['html']),
  onClose: FIELDS.onClose.default('ask'),
});

export type Settings = z.infer<typeof settingsSchema>;

/** Without defaults: a field that a change does not name stays as it is. */
export const settingsChangeSchema = z.strictObject(FIELDS).partial();

/** What earlier versions kept and nothing read. */
const RETIRED = new Set(['defaultPolicy', 'defaultCluster']);

function withoutRetired(stored: unknown): unknown {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return stored;
  return Object.fromEntries(Object.entries(stored).filter(([name]) => !RETIRED.has(name)));
}

/**
 * Settings from what a file held, however old. @returns undefined when it cannot be understood.
 */
export function readSettings(stored: unknown): Settings | undefined {
  const parsed = settingsSchema.safeParse(withoutRetired(stored));
  return parsed.success ? parsed.data : undefined;
}
