/** A host key as it comes over the wire, and how people see it. */
import { createHash } from 'node:crypto';

/** `SHA256:…`, as OpenSSH prints it. */
export function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type that a key says it is of; empty when it is no key. */
export function keyTypeOf(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  const type = length > 64 || key.length < 4 + length ? '' : key.toString('latin1', 4, 4 + length);
  return /^[\w@.-]+$/.test(type) ? type : '';
}

/** What prints the same fingerprint on the device itself, whatever way one has to get there. */
export function checkCommandFor(keyType: string): string {
  const name = /ed25519/.test(keyType)
    ? 'ed25519'
    : /ecdsa/.test(keyType)
      ? 'ecdsa'
      : /dss/.test(keyType)
        ? 'dsa'
        : 'rsa';
  return `ssh-keygen -lf /etc/ssh/ssh_host_${name}_key.pub`;
}
