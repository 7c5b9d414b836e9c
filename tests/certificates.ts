/** Certificates for tests: each as an installation of its own makes it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerCertificate, serverCertificate } from '../main/server/certificate.ts';

export async function newCertificate(): Promise<ServerCertificate> {
  const directory = await mkdtemp(join(tmpdir(), 'caduceus-certificate-'));
  try {
    return await serverCertificate(directory, Date.now());
  } finally {
    await rm(directory, { recursive: true });
  }
}
