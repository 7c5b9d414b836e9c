import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CERTIFICATE_FILE, serverCertificate } from './certificate.ts';

const NOW_MS = Date.parse('2026-06-01T12:00:00Z');

function home(): { directory: string; file: string } {
  const directory = mkdtempSync(join(tmpdir(), 'caduceus-certificate-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return { directory, file: join(directory, CERTIFICATE_FILE) };
}

describe('the certificate of an installation', () => {
  it('is made once, for P-256, and only its user can read the key', async () => {
    const { directory, file } = home();
    const first = await serverCertificate(directory, NOW_MS);
    expect(await serverCertificate(directory, NOW_MS + 1)).toMatchObject({ fingerprint: first.fingerprint });
    const parsed = new X509Certificate(first.certificate);
    expect(parsed.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(parsed.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(first.fingerprint);
    expect(readdirSync(directory)).toEqual([CERTIFICATE_FILE]);
    if (process.platform === 'win32') return;
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o644);
    await serverCertificate(directory, NOW_MS);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is the same for all who make the first one at once', async () => {
    const { directory } = home();
    const made = await Promise.all(Array.from({ length: 6 }, () => serverCertificate(directory, NOW_MS)));
    expect(new Set(made.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect(readdirSync(directory)).toEqual([CERTIFICATE_FILE]);
  });

  it('is made anew before it expires', async () => {
    const { directory } = home();
    const first = await serverCertificate(directory, NOW_MS);
    const years = (count: number): number => NOW_MS + count * 365 * 86_400_000;
    expect((await serverCertificate(directory, years(9))).fingerprint).toBe(first.fingerprint);
    expect((await serverCertificate(directory, years(10))).fingerprint).not.toBe(first.fingerprint);
  });

  it('is made anew when the file is damaged in any way', async () => {
    const { directory, file } = home();
    const { fingerprint } = await serverCertificate(directory, NOW_MS);
    const whole = readFileSync(file, 'utf8');
    const { directory: elsewhere, file: foreign } = home();
    await serverCertificate(elsewhere, NOW_MS);
    const [key = '', certificate = ''] = [whole, readFileSync(foreign, 'utf8')].map((text, index) =>
      index === 0 ? text.slice(0, text.indexOf('-----BEGIN CERT')) : text.slice(text.indexOf('-----BEGIN CERT')),
    );
    const flipped = whole.replace(/[A-Za-z0-9+/](?=[^-]{38,42}-----END CERTIFICATE)/, (sign) =>
      sign === 'A' ? 'B' : 'A',
    );
    expect(flipped).not.toBe(whole);
    for (const damaged of ['', whole.slice(0, -200), key, flipped, key + certificate, 'x'.repeat(100_000)]) {
      writeFileSync(file, damaged);
      const renewed = await serverCertificate(directory, NOW_MS);
      expect(renewed.fingerprint).not.toBe(fingerprint);
      expect((await serverCertificate(directory, NOW_MS)).fingerprint).toBe(renewed.fingerprint);
    }
  });

  it('that cannot be kept is an error that says where', async () => {
    const { file } = home();
    writeFileSync(file, '');
    await expect(serverCertificate(file, NOW_MS)).rejects.toMatchObject({ code: 'CAD-OUTPUT' });
  });
});
