/** A JSON file that a person may have touched: what cannot be understood is put aside, not lost. */
import { readFileSync, renameSync } from 'node:fs';

export interface Reading<Value> {
  /** Undefined: there is no file, or it could not be understood. */
  value: Value | undefined;
  /** Where a file that could not be understood is now. */
  putAside: string | null;
}

/** @param understand Gives the value, or throws, or gives undefined when it cannot. */
export function readOrPutAside<Value>(path: string, understand: (json: unknown) => Value | undefined): Reading<Value> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return { value: undefined, putAside: null };
  }
  try {
    const value = understand(JSON.parse(text));
    if (value !== undefined) return { value, putAside: null };
  } catch {
    // Not JSON: put aside like everything else that cannot be understood.
  }
  const aside = `${path}.unreadable-${Date.now()}`;
  try {
    renameSync(path, aside);
    return { value: undefined, putAside: aside };
  } catch {
    return { value: undefined, putAside: path };
  }
}
