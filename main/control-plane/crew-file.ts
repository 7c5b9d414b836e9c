/**
 * Who a run's workers are by now, beside its plan: its settings say only who began. A run that is resumed goes on with
 * these.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunWorker } from './run-workers.ts';

const CREW_FILE = 'crew.json';

export interface CrewEntry {
  name: string;
  /** Identifier in the inventory; absent: a process of this machine. */
  device?: string;
  speed?: number;
}

export function writeCrew(directory: string, workers: readonly RunWorker[]): void {
  const entries: CrewEntry[] = workers.map(({ name, device, speed }) => ({
    name,
    ...(device && { device: device.id }),
    ...(speed !== undefined && { speed }),
  }));
  const path = join(directory, CREW_FILE);
  writeFileSync(`${path}.new`, `${JSON.stringify(entries)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Undefined when nobody was added or dropped: then the settings say it. */
export function readCrew(directory: string): CrewEntry[] | undefined {
  let entries: unknown;
  try {
    entries = JSON.parse(readFileSync(join(directory, CREW_FILE), 'utf8'));
  } catch {
    return undefined;
  }
  return Array.isArray(entries) ? entries.filter(isEntry) : undefined;
}

function isEntry(entry: unknown): entry is CrewEntry {
  return typeof entry === 'object' && entry !== null && 'name' in entry && typeof entry.name === 'string';
}

/**
 * The workers of the settings without those that were dropped, and with those that were added.
 * @param recruit Undefined for one that there is no more, such as a device that was removed.
 */
export function crewOf(
  configured: readonly RunWorker[],
  entries: readonly CrewEntry[] | undefined,
  recruit: (entry: CrewEntry) => RunWorker | undefined,
): RunWorker[] {
  if (entries === undefined) return [...configured];
  return entries.flatMap((entry) => configured.find(({ name }) => name === entry.name) ?? recruit(entry) ?? []);
}
