/** The user's settings on disk: one JSON file, written whole; what cannot be read is put aside, not lost. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SettingsView } from '../../core/api.ts';
import { readSettings, type Settings, settingsSchema } from '../../core/settings.ts';
import { writeFileAtomically } from '../../store/atomic-file.ts';
import { readOrPutAside } from './readable-file.ts';
import { Topic } from './topic.ts';

const FILE = 'settings.json';

/** Where the user wants parameter servers to listen; nothing of it when he has not said, or nobody can tell. */
export function chosenDoor(home: string): { host?: string; port?: number } {
  try {
    const { listenHost = null, listenPort = 0 } =
      readSettings(JSON.parse(readFileSync(join(home, FILE), 'utf8'))) ?? {};
    return { ...(listenHost !== null && { host: listenHost }), ...(listenPort !== 0 && { port: listenPort }) };
  } catch {
    return {};
  }
}

export class SettingsFile {
  readonly changes = new Topic<SettingsView>();
  readonly #path: string;
  #settings: Settings;
  #putAside: string | null = null;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(home: string) {
    this.#path = join(home, FILE);
    this.#settings = this.#read();
  }

  get settings(): Settings {
    return this.#settings;
  }

  get view(): SettingsView {
    return { settings: this.#settings, path: this.#path, putAside: this.#putAside };
  }

  /** One change after the other. @throws CAD-OUTPUT; then nothing has changed. */
  update(change: Partial<Settings>): Promise<SettingsView> {
    const updated = this.#writing.then(async () => {
      const settings = settingsSchema.parse({ ...this.#settings, ...change });
      await writeFileAtomically(this.#path, [Buffer.from(`${JSON.stringify(settings, undefined, 2)}\n`)]);
      this.#settings = settings;
      this.changes.tell(this.view);
      return this.view;
    });
    this.#writing = updated.catch(() => undefined);
    return updated;
  }

  #read(): Settings {
    const { value, putAside } = readOrPutAside(this.#path, readSettings);
    this.#putAside = putAside;
    return value ?? settingsSchema.parse({});
  }
}
