/**
 * What to think of the host key that a machine shows. Keys are compared by type: an RSA key in the books says nothing
 * against an ED25519 key. Our own store goes before known_hosts, so that a replaced key stays replaced; a revocation goes
 * before both.
 */
import { fingerprintOf, keyTypeOf } from './host-key.ts';
import type { HostKeyStore, TrustedBy } from './host-key-store.ts';
import type { KnownHosts } from './known-hosts.ts';

export type Verdict =
  | { kind: 'trusted'; by: TrustedBy; isStored: boolean }
  /** `otherTypes`: it was known by keys of these types only, and was asked for them first. */
  | { kind: 'unknown'; otherTypes: string[] }
  | { kind: 'changed'; trustedFingerprint: string; trustedSince: string | null }
  | { kind: 'revoked' };

export function judgeHostKey(
  key: Buffer,
  { host, port }: { host: string; port: number },
  store: HostKeyStore,
  knownHosts: KnownHosts,
): Verdict {
  const known = knownHosts.find(host, port);
  if (known.revoked.some((revoked) => revoked.equals(key))) return { kind: 'revoked' };
  const type = keyTypeOf(key);
  const stored = store.find(host, port);
  const own = stored.find(({ keyType }) => keyType === type);
  if (own !== undefined) {
    if (own.key.equals(key)) return { kind: 'trusted', by: own.by, isStored: true };
    return { kind: 'changed', trustedFingerprint: fingerprintOf(own.key), trustedSince: own.since };
  }
  if (known.trusted.some((trusted) => trusted.equals(key))) {
    return { kind: 'trusted', by: 'known-hosts', isStored: false };
  }
  const other = known.trusted.find((trusted) => keyTypeOf(trusted) === type);
  // Where we have keys of our own, known_hosts may be about the machine that was here before.
  if (other !== undefined && stored.length === 0) {
    return { kind: 'changed', trustedFingerprint: fingerprintOf(other), trustedSince: null };
  }
  return { kind: 'unknown', otherTypes: [...new Set(stored.map(({ keyType }) => keyType))] };
}

/** Types in which this machine is known, so that it is asked for one of them first. */
export function knownKeyTypes(
  { host, port }: { host: string; port: number },
  store: HostKeyStore,
  knownHosts: KnownHosts,
): string[] {
  const stored = store.find(host, port).map(({ keyType }) => keyType);
  return [...new Set([...stored, ...knownHosts.find(host, port).trusted.map((key) => keyTypeOf(key))])];
}
