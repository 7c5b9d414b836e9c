/** Private keys on the controller: by reference, read when they are needed, never copied anywhere. */
import { readFileSync, statSync } from 'node:fs';
import ssh2 from 'ssh2';
import type { ParsedKey } from 'ssh2';
import { oneLine } from '../../core/plain-text.ts';

const MAX_KEY_BYTES = 256 * 1024;
const OPENSSH_MAGIC = 'openssh-key-v1\0';

export type KeyFile =
  | { kind: 'ready'; key: ParsedKey; publicKey: Buffer }
  /** `publicKey` where the file tells it in the clear: then the passphrase is asked for only once the device wants the key. */
  | { kind: 'encrypted'; publicKey: Buffer | undefined }
  | { kind: 'absent' }
  | { kind: 'unusable'; why: string };

export function readKeyFile(path: string): KeyFile {
  const text = textOf(path);
  if (typeof text !== 'string') return text;
  const parsed = ssh2.utils.parseKey(text);
  if (!(parsed instanceof Error)) {
    const key = first(parsed);
    if (!key.isPrivateKey()) return { kind: 'unusable', why: 'it is a public key' };
    return { kind: 'ready', key, publicKey: key.getPublicSSH() };
  }
  if (/passphrase|encrypted/i.test(parsed.message)) return { kind: 'encrypted', publicKey: publicPartOf(text, path) };
  if (/sk-(ssh|ecdsa)/.test(parsed.message) || isSecurityKey(text)) {
    return { kind: 'unusable', why: 'a key on a security token works only through an agent' };
  }
  if (text.includes('BEGIN PRIVATE KEY') || text.includes('BEGIN ENCRYPTED PRIVATE KEY')) {
    return { kind: 'unusable', why: 'it is in PKCS#8; convert a copy with ssh-keygen -p -f' };
  }
  return { kind: 'unusable', why: oneLine(parsed.message, 120) };
}

/** Undefined: the passphrase is wrong. */
export function unlockKeyFile(path: string, passphrase: string): ParsedKey | undefined {
  const text = textOf(path);
  if (typeof text !== 'string') return undefined;
  const parsed = ssh2.utils.parseKey(text, passphrase);
  return parsed instanceof Error ? undefined : first(parsed);
}

function first(parsed: ParsedKey | ParsedKey[]): ParsedKey {
  return Array.isArray(parsed) ? (parsed[0] as ParsedKey) : parsed;
}

function textOf(path: string): string | KeyFile {
  try {
    if (statSync(path).size > MAX_KEY_BYTES) return { kind: 'unusable', why: 'it is too large for a key' };
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { kind: 'absent' };
    return { kind: 'unusable', why: oneLine(message, 120) };
  }
}

/** From the file itself in OpenSSH's format, else from the `.pub` beside it. */
function publicPartOf(text: string, path: string): Buffer | undefined {
  const inside = openSshPublicPart(text);
  if (inside !== undefined) return inside;
  const beside = textOf(`${path}.pub`);
  const encoded = typeof beside === 'string' ? beside.split(' ')[1] : undefined;
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64');
}

function openSshPublicPart(text: string): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(text)?.[1];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body, 'base64');
  if (!bytes.toString('latin1', 0, OPENSSH_MAGIC.length).startsWith(OPENSSH_MAGIC)) return undefined;
  let at = OPENSSH_MAGIC.length;
  const next = (): Buffer | undefined => {
    if (at + 4 > bytes.length) return undefined;
    const length = bytes.readUInt32BE(at);
    if (at + 4 + length > bytes.length) return undefined;
    at += 4 + length;
    return bytes.subarray(at - length, at);
  };
  // Cipher, key derivation and its options; then the number of keys.
  for (let field = 0; field < 3; field++) if (next() === undefined) return undefined;
  at += 4;
  return next();
}

function isSecurityKey(text: string): boolean {
  return /^sk-/.test(openSshPublicPart(text)?.toString('latin1', 4, 8) ?? '');
}
