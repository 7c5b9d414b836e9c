/** Looks for secrets where none may be: in processes while something goes on, and in files afterwards. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const LOOK_EVERY_MS = 5;
/** A process becomes another program soon after its start, or hardly ever; the rest of the machine has work to do. */
const FIRST_LOOKS = 5;
const LATER_LOOKS_EVERY = 200;
/** Nobody writes a secret into the middle of a runtime. */
const LARGEST_FILE_BYTES = 64 * 2 ** 20;

export interface Sighting {
  looks: number;
  /** Arguments and environments that were seen, each once: `cmdline of 4711: …`. */
  seen: string[];
}

/** Every process of the machine, what it was started with, until the function it returns is called. */
export function watchProcesses(): () => Sighting {
  const seen = new Map<string, string>();
  const known = new Map<string, number>();
  let looks = 0;
  const timer = setInterval(() => {
    looks++;
    for (const id of readdirSync('/proc')) {
      if (!/^\d+$/.test(id)) continue;
      const times = known.get(id) ?? 0;
      known.set(id, times + 1);
      if (times >= FIRST_LOOKS && (times + Number(id)) % LATER_LOOKS_EVERY !== 0) continue;
      for (const file of ['cmdline', 'environ']) {
        try {
          const text = readFileSync(`/proc/${id}/${file}`, 'latin1');
          if (!seen.has(text)) seen.set(text, `${file} of ${id}: ${text.replaceAll('\0', ' ')}`);
        } catch {
          // It has ended meanwhile.
        }
      }
    }
  }, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    return { looks, seen: [...seen.values()] };
  };
}

export function holding(texts: readonly string[], words: readonly string[]): string[] {
  return texts.filter((text) => words.some((word) => text.includes(word)));
}

/** Files below a directory that hold one of the words, as text or as JSON escapes it. */
export function filesWith(directory: string, words: readonly string[]): string[] {
  const wanted = words.flatMap((word) => [word, JSON.stringify(word).slice(1, -1)]);
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      if (found?.isFile() !== true || found.size > LARGEST_FILE_BYTES) return false;
      return holding([readFileSync(path, 'latin1')], wanted).length > 0;
    });
}
