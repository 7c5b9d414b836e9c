/**
 * A run's checkpoints on disk: the newest two generations, so that there is always a valid one, whatever
 * happens while the next is written.
 */
import { readdirSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CaduceusError } from '../core/errors.ts';
import { outputFailed, removeLeftovers, writeFileAtomically } from './atomic-file.ts';
import { type Checkpoint, corrupt, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';

const KEPT_GENERATIONS = 2;
const FILE_NAME = /^checkpoint-(\d{1,15})\.cad$/;

export interface LoadedCheckpoint extends Checkpoint {
  path: string;
  generation: number;
  /** What was passed over to get here, in words for the user; null when the newest file was good. */
  notice: string | null;
}

/**
 * Writes the next generation and removes those before the last two. The state is copied before the first
 * wait, so training may go on. One save at a time a directory.
 * @returns the file's path.
 * @throws CAD-OUTPUT; the generations there were are still there.
 */
export async function saveCheckpoint(directory: string, checkpoint: Checkpoint): Promise<string> {
  const bytes = encodeCheckpoint(checkpoint);
  const generations = await listGenerations(directory);
  const path = fileOf(directory, (generations[0] ?? 0) + 1);
  await writeFileAtomically(path, [bytes]);
  try {
    for (const old of generations.slice(KEPT_GENERATIONS - 1)) await rm(fileOf(directory, old), { force: true });
    await removeLeftovers(directory);
  } catch (error) {
    throw outputFailed(directory, error);
  }
  return path;
}

/**
 * The newest checkpoint that is whole; undefined when the directory has none.
 * @throws CAD-CHECKPOINT-CORRUPT when there are some and none is whole.
 */
export async function loadNewestCheckpoint(directory: string): Promise<LoadedCheckpoint | undefined> {
  const failures: string[] = [];
  for (const generation of await listGenerations(directory)) {
    const path = fileOf(directory, generation);
    try {
      const checkpoint = decodeCheckpoint(await readFile(path), path);
      const notice = failures.length === 0 ? null : `${failures.join('; ')}. The one before it is used instead.`;
      return { ...checkpoint, path, generation, notice };
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (failures.length === 0) return undefined;
  throw failures.length === 1
    ? new CaduceusError('CAD-CHECKPOINT-CORRUPT', failures[0] as string, corrupt(directory, '').remedy)
    : corrupt(directory, `no generation is whole (${failures.join('; ')})`);
}

/** Newest first. */
async function listGenerations(directory: string): Promise<number[]> {
  const names = await readdir(directory).catch(() => []);
  return names
    .flatMap((name) => FILE_NAME.exec(name)?.slice(1, 2).map(Number) ?? [])
    .sort((left, right) => right - left);
}

function fileOf(directory: string, generation: number): string {
  return join(directory, `checkpoint-${String(generation).padStart(6, '0')}.cad`);
}

/** Whether there is any to go on from; not whether it is whole. */
export function hasCheckpoint(directory: string): boolean {
  try {
    return readdirSync(directory).some((name) => FILE_NAME.test(name));
  } catch {
    return false;
  }
}
