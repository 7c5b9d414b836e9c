/** The directory that a bed keeps its state in, and how another process finds the bed again. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { CaduceusError } from '../../main/core/errors.ts';
import { claimedSlots } from './slot.ts';

const FILE = 'bed.json';

const link = z.object({
  upBitsPerSecond: z.number().optional(),
  downBitsPerSecond: z.number().optional(),
  latencyMs: z.number(),
});
const device = z.object({
  name: z.string(),
  address: z.string(),
  port: z.number(),
  user: z.string(),
  uid: z.number(),
  home: z.string(),
  shell: z.string(),
  cpuShare: z.number(),
  namespace: z.string(),
  link,
});
const state = z.object({
  slot: z.number(),
  withNode: z.boolean(),
  withLatency: z.boolean(),
  plan: z.object({ preset: z.string().optional(), cores: z.number(), devices: z.array(device) }),
  /** What this host could not give. */
  missing: z.array(z.string()),
  /** False while it is being made. */
  isComplete: z.boolean(),
});

export type BedState = z.infer<typeof state>;

export function defaultDirectory(): string {
  return join(tmpdir(), 'caduceus-testbed');
}

export function clientKeyOf(directory: string): string {
  return join(directory, 'client_key');
}

/** Makes the directory for a new bed. @throws CAD-TESTBED-UP when there is one in it, or anything else. */
export function makeDirectory(where: string): string {
  const directory = resolve(where);
  if (slotOf(directory) !== undefined) {
    throw new CaduceusError(
      'CAD-TESTBED-UP',
      `a test bed is up already, or was not taken down, in ${directory}`,
      'End it with npm run testbed -- down, or give the new one a directory of its own with --state.',
    );
  }
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new CaduceusError(
      'CAD-TESTBED-UP',
      `${directory} holds files that are not a test bed's`,
      'Give another directory with --state; `down` removes it with all that is in it.',
    );
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** The number of the bed of this directory, even when nothing else of it was made yet. */
export function slotOf(directory: string): number | undefined {
  const whole = resolve(directory);
  return [...claimedSlots()].find(([, claimed]) => claimed === whole)?.[0];
}

export function writeState(directory: string, bed: BedState): void {
  const draft = join(directory, `${FILE}.draft`);
  writeFileSync(draft, `${JSON.stringify(bed, null, 2)}\n`);
  renameSync(draft, join(directory, FILE));
}

/** @throws CAD-TESTBED-DOWN when no bed is up there. */
export function readState(directory: string): BedState {
  const file = join(resolve(directory), FILE);
  if (slotOf(directory) === undefined || !existsSync(file)) throw noBed(directory);
  return state.parse(JSON.parse(readFileSync(file, 'utf8')));
}

export function noBed(directory: string): CaduceusError {
  return new CaduceusError(
    'CAD-TESTBED-DOWN',
    `no test bed is up in ${resolve(directory)}`,
    'Start one: npm run testbed -- up --devices 6 --preset hermes-6',
  );
}
