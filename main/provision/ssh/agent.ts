/** The keys of the user's SSH agent, one at a time, so that each attempt is told and counted. */
import { existsSync } from 'node:fs';
import ssh2 from 'ssh2';
import type { IdentityCallback, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2';

const WINDOWS_PIPE = '\\\\.\\pipe\\openssh-ssh-agent';
const AGENT_TIMEOUT_MS = 5000;

/** Where the agent listens; undefined when there is none. */
export function locateAgent(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  const socket = environment['SSH_AUTH_SOCK'];
  if (socket !== undefined && socket !== '') return socket;
  if (platform !== 'win32') return undefined;
  return existsSync(WINDOWS_PIPE) ? WINDOWS_PIPE : 'pageant';
}

export interface AgentKey {
  publicKey: Buffer;
  comment: string;
  /** For ssh2: an agent that has this key alone. */
  agent: InstanceType<typeof ssh2.BaseAgent>;
}

/** @throws when the agent does not answer. */
export async function listAgentKeys(location: string): Promise<AgentKey[]> {
  const agent = ssh2.createAgent(location);
  const keys = await new Promise<ParsedKey[]>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it does not answer')), AGENT_TIMEOUT_MS);
    agent.getIdentities((error, found) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve((found ?? []).map((key) => ssh2.utils.parseKey(key as string)).flatMap(usable));
    });
  });
  return keys.map((key) => ({
    publicKey: key.getPublicSSH(),
    comment: key.comment,
    agent: new OneKeyAgent(key, async (data, options) => signWith(agent, key, data, options)),
  }));
}

/** Signs with one key; the signature may take as long as a person needs. */
export class OneKeyAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #key: ParsedKey;
  readonly #sign: (data: Buffer, options: SigningRequestOptions) => Promise<Buffer>;

  constructor(key: ParsedKey, sign: (data: Buffer, options: SigningRequestOptions) => Promise<Buffer>) {
    super();
    this.#key = key;
    this.#sign = sign;
  }

  getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(null, [this.#key]);
  }

  sign(_key: ParsedKey, data: Buffer, options: SigningRequestOptions | SignCallback, callback?: SignCallback): void {
    const [settings, done] = typeof options === 'function' ? [{}, options] : [options, callback];
    this.#sign(data, settings).then(
      (signature) => done?.(null, signature),
      (error: Error) => done?.(error),
    );
  }
}

async function signWith(
  agent: InstanceType<typeof ssh2.BaseAgent>,
  key: ParsedKey,
  data: Buffer,
  options: SigningRequestOptions,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    agent.sign(key, data, options, (error, signature) => {
      if (error) reject(error);
      else if (signature === undefined) reject(new Error('the agent gave no signature'));
      else resolve(signature);
    });
  });
}

function usable(parsed: ParsedKey | ParsedKey[] | Error): ParsedKey[] {
  if (parsed instanceof Error) return [];
  return Array.isArray(parsed) ? parsed : [parsed];
}
