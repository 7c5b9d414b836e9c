/**
 * This installation's own certificate: made once, self-signed (ECDSA P-256), key and certificate in one
 * file that only its user can read. Nobody vouches for it; workers know it by its fingerprint, which
 * reaches them with their ticket.
 */
import { createHash, createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { chmod, link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CaduceusError } from '../core/errors.ts';

export interface ServerCertificate {
  /** PEM. */
  key: string;
  certificate: string;
  /** SHA-256 of the certificate, in lower-case hex. */
  fingerprint: string;
}

export const CERTIFICATE_FILE = 'server.pem';
const DAY_MS = 86_400_000;
/** Workers do not look at dates; this bounds how long one key is in use. */
const VALID_DAYS = 3650;
/** A run must not outlive the certificate that it started with. */
const RENEW_DAYS = 30;
/** A file larger than this is no certificate of ours. */
const MAX_FILE_BYTES = 65_536;
const OWNER_ONLY = 0o600;

/** The certificate in `directory`; made anew where there is none, or where it is damaged or expires. @throws CAD-OUTPUT */
export async function serverCertificate(directory: string, nowMs: number): Promise<ServerCertificate> {
  const path = join(directory, CERTIFICATE_FILE);
  const found = await readCertificate(path, nowMs);
  if (found) return found;
  try {
    const isThere = await stat(path).then(
      () => true,
      () => false,
    );
    const temporary = join(dirname(path), `.${CERTIFICATE_FILE}.${randomBytes(6).toString('hex')}.tmp`);
    const made = await makeCertificate(nowMs);
    try {
      await writeWhole(temporary, `${made.key.trim()}\n${made.certificate.trim()}\n`);
      // Of several processes that make the first one at once, one wins, and all use what it made.
      if (isThere) await rename(temporary, path);
      else await link(temporary, path);
      return made;
    } catch (error) {
      const other = isThere ? undefined : await readCertificate(path, nowMs);
      if (other) return other;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  } catch (cause) {
    throw new CaduceusError(
      'CAD-OUTPUT',
      `the server's certificate could not be kept in ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Check that the data directory may be written and has space.',
      cause,
    );
  }
}

export function fingerprintOf(certificate: Uint8Array): string {
  return createHash('sha256').update(certificate).digest('hex');
}

/** Undefined unless it is whole, belongs together, and lasts. */
async function readCertificate(path: string, nowMs: number): Promise<ServerCertificate | undefined> {
  try {
    const { size, mode } = await stat(path);
    if (size > MAX_FILE_BYTES) return undefined;
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) await chmod(path, OWNER_ONLY);
    const text = await readFile(path, 'utf8');
    const [key] = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(text) ?? [];
    const [certificate] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text) ?? [];
    if (key === undefined || certificate === undefined) return undefined;
    const parsed = new X509Certificate(certificate);
    const isOurs = parsed.checkPrivateKey(createPrivateKey(key)) && parsed.verify(parsed.publicKey);
    const lasts = nowMs + RENEW_DAYS * DAY_MS < Date.parse(parsed.validTo);
    return isOurs && lasts ? { key, certificate, fingerprint: fingerprintOf(parsed.raw) } : undefined;
  } catch {
    return undefined; // missing, unreadable or damaged: made anew, or its error is met again in writing
  }
}

async function makeCertificate(nowMs: number): Promise<ServerCertificate> {
  // Two hundred files that are needed once a year.
  const { generate } = await import('selfsigned');
  const { private: key, cert: certificate } = await generate([{ name: 'commonName', value: 'caduceus' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(nowMs - DAY_MS),
    notAfterDate: new Date(nowMs + VALID_DAYS * DAY_MS),
  });
  return { key, certificate, fingerprint: fingerprintOf(new X509Certificate(certificate).raw) };
}

async function writeWhole(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
