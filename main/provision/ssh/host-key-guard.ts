/** The verdict on a host key as a connection meets it, and the question that an open verdict leads to. */
import type { ServerHostKeyAlgorithm } from 'ssh2';
import { CaduceusError } from '../../core/errors.ts';
import { checkCommandFor, fingerprintOf, keyTypeOf } from '../trust/host-key.ts';
import type { HostKeyStore } from '../trust/host-key-store.ts';
import { KnownHosts } from '../trust/known-hosts.ts';
import { judgeHostKey, knownKeyTypes, type Verdict } from '../trust/verdict.ts';
import type { Dialogue } from './dialogue.ts';
import type { ResolvedHop } from './resolve.ts';
import { hopAddress } from './target.ts';

/** For a person to walk to the device and compare. No connection is open meanwhile. */
export const TRUST_TIMEOUT_MS = 600_000;

/** What ssh2 asks for by default, the strongest first. */
const KEY_TYPES: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

export interface HostKeyParts {
  hostKeys: HostKeyStore;
  /** The keys that the tailnet lists for the node with this address; none when it is no node. */
  tailnetKeys(address: string): Promise<readonly Buffer[]>;
}

/** A verdict that ends the handshake; the connection is closed before anybody is asked. */
export class OpenVerdict extends Error {
  readonly key: Buffer;
  readonly verdict: Extract<Verdict, { kind: 'unknown' | 'changed' }>;

  constructor(key: Buffer, verdict: OpenVerdict['verdict']) {
    super(`host key ${verdict.kind}`);
    this.key = key;
    this.verdict = verdict;
  }
}

export class HostKeyGuard {
  readonly #hop: ResolvedHop;
  readonly #parts: HostKeyParts;
  readonly #knownHosts: KnownHosts;
  readonly #acceptNew: boolean;
  readonly #tailnetKeys: readonly Buffer[];
  #accepted: Buffer | undefined;

  private constructor(hop: ResolvedHop, parts: HostKeyParts, acceptNew: boolean, tailnetKeys: readonly Buffer[]) {
    this.#hop = hop;
    this.#parts = parts;
    this.#acceptNew = acceptNew;
    this.#tailnetKeys = tailnetKeys;
    this.#knownHosts = KnownHosts.read(hop.knownHostsFiles);
  }

  /** @throws CAD-SSH-HOST-KEY when a known_hosts file is there and cannot be read. */
  static async for(hop: ResolvedHop, parts: HostKeyParts, acceptNew: boolean): Promise<HostKeyGuard> {
    const isNew = parts.hostKeys.find(hop.host, hop.port).length === 0;
    const tailnetKeys = acceptNew && isNew ? await parts.tailnetKeys(hop.host) : [];
    return new HostKeyGuard(hop, parts, acceptNew, tailnetKeys);
  }

  get warnings(): readonly string[] {
    return this.#knownHosts.warnings;
  }

  /** Types to ask the server for, those first in which it is known. */
  keyTypes(): readonly ServerHostKeyAlgorithm[] {
    const known = knownKeyTypes(this.#hop, this.#parts.hostKeys, this.#knownHosts);
    const isKnown = (name: string): boolean => known.includes(name.replace(/^rsa-sha2-\d+$/, 'ssh-rsa'));
    return [...KEY_TYPES.filter(isKnown), ...KEY_TYPES.filter((name) => !isKnown(name))];
  }

  /** @throws OpenVerdict, CAD-SSH-HOST-KEY */
  verify(key: Buffer): void {
    const verdict = judgeHostKey(key, this.#hop, this.#parts.hostKeys, this.#knownHosts);
    switch (verdict.kind) {
      case 'trusted':
        if (!verdict.isStored) this.#trust(key, verdict.by);
        this.#accepted = Buffer.from(key);
        return;
      case 'revoked':
        throw revoked(this.#hop, key);
      case 'changed':
        throw new OpenVerdict(Buffer.from(key), verdict);
      case 'unknown':
        // With other keys on record this is no first contact.
        if (!this.#acceptNew || verdict.otherTypes.length > 0) throw new OpenVerdict(Buffer.from(key), verdict);
        this.#trust(key, this.#tailnetKeys.some((known) => known.equals(key)) ? 'tailnet' : 'user');
        this.#accepted = Buffer.from(key);
    }
  }

  /** `ssh-ed25519 SHA256:…`, once a key was good. */
  get description(): string | undefined {
    return this.#accepted === undefined ? undefined : `${keyTypeOf(this.#accepted)} ${fingerprintOf(this.#accepted)}`;
  }

  /** Returns once the key is trusted. @throws CAD-SSH-HOST-KEY, CAD-SSH-HOST-KEY-CHANGED, CAD-SSH-TIMEOUT, CAD-CANCELLED */
  async decide({ key, verdict }: OpenVerdict, dialogue: Dialogue, signal: AbortSignal): Promise<void> {
    const tailnetKeys = await this.#parts.tailnetKeys(this.#hop.host);
    const about = {
      host: hopAddress(this.#hop),
      fingerprint: fingerprintOf(key),
      keyType: keyTypeOf(key),
      knownToTailnet: tailnetKeys.some((known) => known.equals(key)),
      checkCommand: checkCommandFor(keyTypeOf(key)),
    };
    if (verdict.kind === 'unknown') {
      const answer = await dialogue.ask({ kind: 'trust', ...about }, TRUST_TIMEOUT_MS, signal);
      if (answer.kind !== 'trust' || answer.fingerprint !== about.fingerprint)
        throw notTrusted(about, verdict.otherTypes);
    } else {
      const { trustedFingerprint, trustedSince } = verdict;
      const question = { kind: 'key-changed', ...about, trustedFingerprint, trustedSince } as const;
      const answer = await dialogue.ask(question, TRUST_TIMEOUT_MS, signal);
      if (answer.kind !== 'replace-key' || answer.fingerprint !== about.fingerprint) {
        throw changed(about, trustedFingerprint, trustedSince);
      }
      this.#parts.hostKeys.forget(this.#hop.host, this.#hop.port);
    }
    this.#trust(key, 'user');
  }

  #trust(key: Buffer, by: 'user' | 'tailnet' | 'known-hosts'): void {
    const { host: address, port } = this.#hop;
    this.#parts.hostKeys.trust({ address, port, keyType: keyTypeOf(key), key: Buffer.from(key), by });
  }
}

interface About {
  host: string;
  fingerprint: string;
  keyType: string;
  checkCommand: string;
}

function notTrusted({ host, fingerprint, keyType, checkCommand }: About, otherTypes: readonly string[]): CaduceusError {
  const before = otherTypes.length === 0 ? '' : `; so far it was known by ${otherTypes.join(', ')} only`;
  return new CaduceusError(
    'CAD-SSH-HOST-KEY',
    `the host key of ${host} is not trusted: ${keyType} ${fingerprint}${before}`,
    `Compare it with what the device itself prints (${checkCommand}), then trust it: caduceus devices trust, or --accept-new for devices seen for the first time.`,
  );
}

function changed(
  { host, fingerprint, keyType, checkCommand }: About,
  trusted: string,
  since: string | null,
): CaduceusError {
  const when = since === null ? 'from known_hosts' : `trusted since ${since.slice(0, 10)}`;
  return new CaduceusError(
    'CAD-SSH-HOST-KEY-CHANGED',
    `${host} shows another host key than before: ${keyType} ${fingerprint} instead of ${trusted} (${when}). ` +
      'Somebody may be in between, or the device was reinstalled. Nothing was sent',
    `If it was reinstalled, compare with what it prints itself (${checkCommand}) and then: ` +
      `caduceus devices replace-key DEVICE --fingerprint ${fingerprint}`,
  );
}

function revoked(hop: ResolvedHop, key: Buffer): CaduceusError {
  return new CaduceusError(
    'CAD-SSH-HOST-KEY',
    `${hopAddress(hop)} shows a host key that known_hosts marks as revoked: ${fingerprintOf(key)}`,
    'Do not connect: this key is known to be in wrong hands. Give the device a new one.',
  );
}
