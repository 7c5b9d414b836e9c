/**
 * What a maintainer needs to see of a problem, as one file that its sender can read before sending: no
 * names, no addresses, no paths of the user's, nothing that looks like a key.
 */
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '../../store/atomic-file.ts';

const LONGEST_TEXT = 4000;

export interface InternalErrorEntry {
  at: string;
  where: string;
  text: string;
}

/** Replaces whatever tells who or where somebody is. */
export function redact(text: string, names: readonly string[] = ownNames()): string {
  let redacted = text.slice(0, LONGEST_TEXT);
  for (const name of names) redacted = redacted.replaceAll(name, '<private>');
  return redacted
    .replaceAll(/-----BEGIN [A-Z ]+-----[\s\S]*?(-----END [A-Z ]+-----|$)/g, '<key>')
    .replaceAll(/\b[A-Za-z0-9+/_-]{32,}={0,2}/g, '<long>')
    .replaceAll(/\b\d{1,3}(\.\d{1,3}){3}\b/g, '<address>')
    .replaceAll(/\b[0-9a-f]{0,4}(:[0-9a-f]{0,4}){3,7}\b/gi, '<address>')
    .replaceAll(/[\w.+-]+@[\w.-]+/g, '<account>');
}

/** Longest first, so that a path goes before the name in it. Short ones would hit ordinary words. */
function ownNames(): string[] {
  const names = [homedir(), hostname(), userInfo().username].filter((name) => name.length > 3);
  return names.sort((left, right) => right.length - left.length);
}

/** All texts of a value, redacted, however deep. */
export function redacted(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redacted(inner)]));
}

/** @returns the path. @throws CAD-OUTPUT */
export async function writeDiagnostics(home: string, content: Readonly<Record<string, unknown>>): Promise<string> {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const path = join(home, 'diagnostics', `caduceus-diagnostics-${stamp}.json`);
  await writeFileAtomically(path, [Buffer.from(`${JSON.stringify(redacted(content), undefined, 2)}\n`)]);
  return path;
}
