/** Which keys to offer a device, in which order, and how each is made ready no sooner than the device wants it. */
import ssh2 from 'ssh2';
import type { ParsedKey } from 'ssh2';
import { fingerprintOf, keyTypeOf } from '../trust/host-key.ts';
import type { SecretKeeper, SecretRequest } from '../secrets/secret-keeper.ts';
import { type AgentKey, listAgentKeys, OneKeyAgent } from './agent.ts';
import type { Candidate } from './authentication.ts';
import { type KeyFile, readKeyFile, unlockKeyFile } from './key-file.ts';
import { type Hop, hopAddress } from './target.ts';

/** With one password attempt, at or below the six failures that sshd allows a connection by default (MaxAuthTries). */
const MAX_KEYS = 4;
/** A wrong passphrase never leaves this machine, so it may be tried again. */
const PASSPHRASE_ATTEMPTS = 3;

export interface KeyParts {
  hop: Hop;
  agent: string | undefined;
  secrets: SecretKeeper;
  ask(request: SecretRequest): Promise<string | undefined>;
}

export async function keyCandidates(parts: KeyParts): Promise<Candidate[]> {
  const files = parts.hop.keyFiles.map((path) => ({ path, file: readKeyFile(path) }));
  const wanted = files.map(({ file }) => publicKeyOf(file));
  const isWanted = (key: Buffer): boolean => wanted.some((other) => other?.equals(key));
  const { keys, problem } = await agentKeys(parts.agent);
  const fromAgent = [
    ...keys.filter((key) => isWanted(key.publicKey)),
    ...keys.filter((key) => !isWanted(key.publicKey)),
  ]
    .filter(({ publicKey }) => !parts.hop.identitiesOnly || isWanted(publicKey))
    .map((key) => agentCandidate(key, parts.hop));
  const offered = new Set(keys.map(({ publicKey }) => publicKey.toString('base64')));
  const fromFiles = files
    .filter(({ file }) => file.kind !== 'absent' && !offered.has(publicKeyOf(file)?.toString('base64') ?? ''))
    .map(({ path, file }) => fileCandidate(path, file, parts));
  const all = [...fromAgent, ...fromFiles];
  const candidates = all.slice(0, MAX_KEYS);
  if (problem !== undefined) candidates.unshift(passedOver('agent', problem));
  if (all.length > MAX_KEYS) {
    candidates.push(passedOver('other keys', `${all.length - MAX_KEYS} not tried, since servers allow few attempts`));
  }
  return candidates;
}

async function agentKeys(location: string | undefined): Promise<{ keys: AgentKey[]; problem?: string }> {
  if (location === undefined) return { keys: [] };
  try {
    return { keys: await listAgentKeys(location) };
  } catch (error) {
    return { keys: [], problem: `cannot be used (${(error as Error).message})` };
  }
}

function agentCandidate({ publicKey, comment, agent }: AgentKey, { user }: Hop): Candidate {
  const label = `agent key ${fingerprintOf(publicKey)}${comment === '' ? '' : ` (${comment})`}`;
  return { label, method: 'publickey', make: async () => ({ type: 'agent', username: user, agent }) };
}

function fileCandidate(path: string, file: KeyFile, parts: KeyParts): Candidate {
  const label = `key ${path}`;
  const username = parts.hop.user;
  if (file.kind === 'ready') {
    return { label, method: 'publickey', make: async () => ({ type: 'agent', username, agent: signerOf(file.key) }) };
  }
  if (file.kind !== 'encrypted') return passedOver(label, file.kind === 'unusable' ? file.why : 'not there');
  const unlock = (): Promise<ParsedKey | undefined> => unlocked(path, parts);
  const publicKey = file.publicKey === undefined ? undefined : publicKeyFrom(file.publicKey);
  return {
    label,
    method: 'publickey',
    make: async () => {
      if (publicKey !== undefined) {
        const agent = new OneKeyAgent(publicKey, async (data, { hash }) => {
          const key = await unlock();
          if (key === undefined) throw new Error('its passphrase was not given');
          return key.sign(data, hash);
        });
        return { type: 'agent', username, agent };
      }
      const key = await unlock();
      return key === undefined
        ? { skipped: 'its passphrase was not given' }
        : { type: 'agent', username, agent: signerOf(key) };
    },
  };
}

async function unlocked(path: string, { hop, secrets, ask }: KeyParts): Promise<ParsedKey | undefined> {
  const request: SecretRequest = {
    kind: 'passphrase',
    subject: path,
    host: hopAddress(hop),
    prompt: `Passphrase of ${path}`,
  };
  for (let attempt = 0; attempt < PASSPHRASE_ATTEMPTS; attempt++) {
    const passphrase = (await secrets.known(request)) ?? (await ask(request));
    if (passphrase === undefined) return undefined;
    const key = unlockKeyFile(path, passphrase);
    if (key !== undefined) return key;
    await secrets.forget(request);
  }
  return undefined;
}

function signerOf(key: ParsedKey): OneKeyAgent {
  return new OneKeyAgent(key, async (data, { hash }) => key.sign(data, hash));
}

function publicKeyOf(file: KeyFile): Buffer | undefined {
  return file.kind === 'ready' || file.kind === 'encrypted' ? file.publicKey : undefined;
}

function publicKeyFrom(blob: Buffer): ParsedKey | undefined {
  const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(`${keyTypeOf(blob)} ${blob.toString('base64')}`);
  return parsed instanceof Error ? undefined : [parsed].flat()[0];
}

function passedOver(label: string, why: string): Candidate {
  return { label, method: 'publickey', make: async () => ({ skipped: why }) };
}
