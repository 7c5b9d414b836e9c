/**
 * What the user's ssh configuration says of a host. Where OpenSSH is installed it is asked (`ssh -G`), so that every rule
 * of its is followed; elsewhere a library reads the file, with everything that would run a program left out.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import SSHConfig from 'ssh-config';
import { CaduceusError } from '../../core/errors.ts';
import { oneLine } from '../../core/plain-text.ts';

const SSH_TIMEOUT_MS = 10_000;
const MAX_OUTPUT_BYTES = 256 * 1024;
const DEFAULT_PORT = 22;
const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

export interface HostConfig {
  host: string;
  port: number;
  user: string;
  keyFiles: string[];
  identitiesOnly: boolean;
  /** A socket, or `none`; absent: where the environment says. */
  agent?: string;
  /** `user@host:port`, in the order in which they are passed. */
  jump: string[];
  knownHostsFiles: string[];
}

export interface SshConfigSource {
  /** Instead of the user's own and the system's. */
  file?: string;
  /** The OpenSSH client; null: as if there were none. */
  ssh?: string | null;
  home?: string;
  /** Of the controller's user. */
  user?: string;
}

/** @throws CAD-SSH-CONFIG */
export async function hostConfig(host: string, user: string | undefined, source: SshConfigSource): Promise<HostConfig> {
  const ssh = source.ssh === undefined ? 'ssh' : source.ssh;
  if (ssh !== null) {
    const output = await askOpenSsh(ssh, host, user, source.file);
    if (output !== undefined) return fromOpenSsh(output, host);
  }
  return fromFile(host, user, source);
}

/** Undefined when there is no OpenSSH. */
async function askOpenSsh(
  ssh: string,
  host: string,
  user: string | undefined,
  file: string | undefined,
): Promise<string | undefined> {
  const args = [
    ...(file === undefined ? [] : ['-F', file]),
    ...(user === undefined ? [] : ['-l', user]),
    '-G',
    '--',
    host,
  ];
  return new Promise((resolve, reject) => {
    const options = { timeout: SSH_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, windowsHide: true };
    execFile(ssh, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      if (error.code === 'ENOENT') return resolve(undefined);
      const words = oneLine(stderr) || oneLine(error.message);
      reject(configError(`ssh -G ${host} failed: ${words}`, error));
    });
  });
}

function fromOpenSsh(output: string, host: string): HostConfig {
  const values = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    const [, name, value] = /^(\S+) (.*)$/.exec(line.trim()) ?? [];
    if (name === undefined || value === undefined) continue;
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  const one = (name: string): string | undefined => values.get(name)?.[0];
  refuseCommand(host, one('proxycommand'));
  const agent = one('identityagent');
  return {
    host: one('hostname') ?? host,
    port: Number(one('port') ?? DEFAULT_PORT),
    user: one('user') ?? userInfo().username,
    keyFiles: (values.get('identityfile') ?? [])
      .filter((file) => file !== 'none')
      .map((file) => inHome(file, homedir())),
    identitiesOnly: one('identitiesonly') === 'yes',
    ...(agent !== undefined && agent !== 'SSH_AUTH_SOCK' && { agent: inHome(agent, homedir()) }),
    jump: jumpsOf(one('proxyjump')),
    knownHostsFiles: [...filesIn(one('userknownhostsfile')), ...filesIn(one('globalknownhostsfile'))].map((file) =>
      inHome(file, homedir()),
    ),
  };
}

function fromFile(host: string, user: string | undefined, source: SshConfigSource): HostConfig {
  const home = source.home ?? homedir();
  const values = readConfig(source.file ?? join(home, '.ssh', 'config'), source.file !== undefined).compute(host, {
    ignoreCase: true,
  });
  const all = (name: string): string[] => [values[name] ?? []].flat();
  const one = (name: string): string | undefined => all(name)[0];
  refuseCommand(host, one('proxycommand'));
  const hostName = one('hostname')?.replaceAll('%h', host) ?? host;
  const keyFiles = all('identityfile');
  const agent = one('identityagent');
  const known = all('userknownhostsfile').flatMap(filesIn);
  return {
    host: hostName,
    port: Number(one('port') ?? DEFAULT_PORT),
    user: user ?? one('user') ?? source.user ?? userInfo().username,
    keyFiles: (keyFiles.length > 0 ? keyFiles : DEFAULT_KEYS.map((name) => join('~/.ssh', name))).map((file) =>
      inHome(file, home),
    ),
    identitiesOnly: one('identitiesonly') === 'yes',
    ...(agent !== undefined && agent !== 'SSH_AUTH_SOCK' && { agent: inHome(agent, home) }),
    jump: jumpsOf(one('proxyjump')),
    knownHostsFiles: [
      ...(known.length > 0 ? known : ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']).map((file) => inHome(file, home)),
      '/etc/ssh/ssh_known_hosts',
    ],
  };
}

/** With `Include` followed one level at a time; `Match` blocks that run programs are left out. */
export function readConfig(path: string, isRequired: boolean, depth = 0): SSHConfig {
  if (!existsSync(path) && !isRequired) return SSHConfig.parse('');
  let config: SSHConfig;
  try {
    config = SSHConfig.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw configError(`${path} cannot be read: ${oneLine((error as Error).message)}`, error);
  }
  const result = SSHConfig.parse('');
  for (const line of config) {
    if (line.type !== SSHConfig.DIRECTIVE) {
      result.push(line);
      continue;
    }
    const name = line.param.toLowerCase();
    if (name === 'match' && /\bexec\b/i.test(JSON.stringify(line.value))) continue;
    if (name === 'include' && depth < MAX_INCLUDES) {
      for (const file of includedFiles(line.value, dirname(path))) result.push(...readConfig(file, false, depth + 1));
      continue;
    }
    result.push(line);
  }
  return result;
}

const MAX_INCLUDES = 4;

/** Plain paths; patterns are OpenSSH's to resolve. */
function includedFiles(value: unknown, directory: string): string[] {
  const text = typeof value === 'string' ? value : '';
  return filesIn(text)
    .filter((file) => !/[*?[]/.test(file))
    .map((file) => inHome(file, homedir()))
    .map((file) => (isAbsolute(file) ? file : join(directory, file)));
}

function jumpsOf(value: string | undefined): string[] {
  if (value === undefined || value === 'none') return [];
  return value.split(',').map((hop) => hop.trim().replace(/^ssh:\/\//, ''));
}

/** Split at spaces outside quotes. */
function filesIn(value: string | undefined): string[] {
  const files = (value ?? '').match(/"[^"]*"|\S+/g) ?? [];
  return files.map((file) => file.replace(/^"|"$/g, '')).filter((file) => file !== 'none' && file !== '/dev/null');
}

/** `~` at the beginning is the user's home. */
export function inHome(file: string, home: string): string {
  return file.replace(/^(?:~|%d)(?=[/\\])/, home);
}

function refuseCommand(host: string, command: string | undefined): void {
  if (command === undefined || command === 'none') return;
  throw configError(
    `the ssh configuration reaches ${host} through ProxyCommand, which is not supported`,
    undefined,
    'Use ProxyJump there, or give the device a jump host here.',
  );
}

function configError(message: string, cause?: unknown, remedy?: string): CaduceusError {
  const usual = 'Correct the ssh configuration (`ssh -G HOST` shows how it is understood), then try again.';
  return new CaduceusError('CAD-SSH-CONFIG', message, remedy ?? usual, cause);
}
