/** Experiments that are kept, finished or not: one JSON file each, so that they can be copied about. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckedInput, SavedExperiment } from '../../core/api.ts';
import { CaduceusError } from '../../core/errors.ts';
import { outputFailed, writeFileAtomically } from '../../store/atomic-file.ts';
import { makeDirectory } from '../../store/directory.ts';
import { Topic } from './topic.ts';

const MAX_BYTES = 64 * 1024;
const MAX_EXPERIMENTS = 1000;
const NAME = /^([a-z0-9-]{1,40})\.json$/;

export class SavedExperiments {
  readonly changes = new Topic<SavedExperiment[]>();
  readonly #directory: string;

  constructor(home: string) {
    this.#directory = join(home, 'experiments');
  }

  /** By name. Files that are no experiments are passed over. */
  list(): SavedExperiment[] {
    if (!existsSync(this.#directory)) return [];
    const ids = readdirSync(this.#directory).flatMap((file) => NAME.exec(file)?.[1] ?? []);
    const found = ids.slice(0, MAX_EXPERIMENTS).flatMap((id) => this.#read(id) ?? []);
    return found.sort((left, right) => left.name.localeCompare(right.name) || (left.id < right.id ? -1 : 1));
  }

  /** @throws CAD-CALL when it is too large, CAD-OUTPUT */
  async save({ id, name, config, cluster }: CheckedInput<'experiments.save'>): Promise<SavedExperiment> {
    const saved: SavedExperiment = {
      id: id ?? randomBytes(6).toString('hex'),
      name,
      savedAt: new Date().toISOString(),
      config,
      cluster,
    };
    const text = `${JSON.stringify(saved, undefined, 2)}\n`;
    if (text.length > MAX_BYTES) {
      throw new CaduceusError('CAD-CALL', `the experiment takes ${text.length} bytes`, `Keep it below ${MAX_BYTES}.`);
    }
    if (this.list().length >= MAX_EXPERIMENTS && !existsSync(this.#path(saved.id))) {
      throw new CaduceusError('CAD-BUSY', `${MAX_EXPERIMENTS} experiments are kept`, 'Remove some first.');
    }
    makeDirectory(this.#directory, 0o700);
    await writeFileAtomically(this.#path(saved.id), [Buffer.from(text)]);
    this.#tell();
    return saved;
  }

  /** `restore` takes it back. @throws CAD-EXPERIMENT-UNKNOWN */
  remove(id: string): void {
    this.#move(id, this.#path(id), `${this.#path(id)}.removed`);
  }

  /** @throws CAD-EXPERIMENT-UNKNOWN */
  restore(id: string): SavedExperiment {
    this.#move(id, `${this.#path(id)}.removed`, this.#path(id));
    return this.#read(id) ?? unknown(id);
  }

  #move(id: string, from: string, to: string): void {
    if (!existsSync(from)) unknown(id);
    try {
      renameSync(from, to);
    } catch (cause) {
      throw outputFailed(to, cause);
    }
    this.#tell();
  }

  #tell(): void {
    if (this.changes.listeners > 0) this.changes.tell(this.list());
  }

  #read(id: string): SavedExperiment | undefined {
    try {
      const path = this.#path(id);
      if (statSync(path).size > MAX_BYTES * 2) return undefined;
      const { name, savedAt, config, cluster } = JSON.parse(readFileSync(path, 'utf8')) as SavedExperiment;
      if (typeof name !== 'string' || typeof config !== 'object' || config === null) return undefined;
      return { id, name: name.slice(0, 80), savedAt: String(savedAt), config, cluster: cluster ?? null };
    } catch {
      return undefined;
    }
  }

  #path(id: string): string {
    return join(this.#directory, `${id}.json`);
  }
}

function unknown(id: string): never {
  throw new CaduceusError('CAD-EXPERIMENT-UNKNOWN', `there is no experiment ${id}`, 'Choose one of the list.');
}
