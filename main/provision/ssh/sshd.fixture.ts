/**
 * A private sshd for tests: the system's own, on a free port of the loopback, with its own host keys, users and homes.
 * Users exist only inside its mount namespace, where files of ours lie over `/etc/passwd` and `/etc/shadow`.
 * Needs root, sshd, unshare; `whyNoSshd` says what is missing.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SSHD = '/usr/sbin/sshd';
/** Below the ports that the system gives away. Users have their identifiers from the port, which one server at a time can have. */
const FIRST_PORT = 20_000;
const PORTS = 400;
const FIRST_UID = 61_000;
const USERS_OF_A_SERVER = 10;

export interface SshdUser {
  name: string;
  shell?: string;
  /** As `openssl passwd -6` makes it from this. */
  password?: string;
  /** Files of the home: name → text. */
  files?: Record<string, string>;
}

export interface SshdOptions {
  users?: readonly SshdUser[];
  /** Lines of sshd_config. */
  config?: readonly string[];
  hostKeyTypes?: readonly ('ed25519' | 'rsa' | 'ecdsa')[];
  port?: number;
  /** Commands in its mount namespace before it starts; `$HOMES` has the users' homes. */
  prepare?: readonly string[];
}

export interface Sshd {
  readonly port: number;
  readonly directory: string;
  /** A private key that every user accepts. */
  readonly keyFile: string;
  home(user: string): string;
  /** What sshd wrote so far (LogLevel DEBUG2, all its sessions). */
  log(): string;
  /** Writes new host keys, as a reinstalled device has, and starts again on the same port. */
  renewHostKeys(): Promise<void>;
  fingerprint(type: 'ed25519' | 'rsa' | 'ecdsa'): string;
  publicKey(type: 'ed25519' | 'rsa' | 'ecdsa'): string;
  stop(): Promise<void>;
}

/** Undefined when sshd can be started here. */
export function whyNoSshd(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  if (!existsSync(SSHD)) return 'needs sshd';
  if (spawnSync('unshare', ['--mount', 'true']).status !== 0) return 'needs mount namespaces';
  return undefined;
}

/** A key pair, made by ssh-keygen; answers with the private file's path. */
export function makeKey(path: string, type: string, passphrase = '', format: readonly string[] = []): string {
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  execFileSync('ssh-keygen', ['-q', '-t', type, ...bits, ...format, '-N', passphrase, '-C', 'test', '-f', path]);
  return path;
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  // Short and world-readable on its way: homes below belong to other users.
  const directory = mkdtempSync(join(tmpdir(), 'cad-sshd-'));
  execFileSync('chmod', ['755', directory]);
  const sshd = new PrivateSshd(directory, options, options.port ?? (await ownPort()));
  await sshd.start();
  return sshd;
}

class PrivateSshd implements Sshd {
  readonly port: number;
  readonly directory: string;
  readonly keyFile: string;
  readonly #options: SshdOptions;
  #child: ChildProcess | undefined;

  constructor(directory: string, options: SshdOptions, port: number) {
    this.directory = directory;
    this.port = port;
    this.#options = options;
    this.keyFile = makeKey(join(directory, 'client'), 'ed25519');
    this.#makeHostKeys();
    this.#makeUsers();
  }

  home(user: string): string {
    return join(this.directory, 'home', user);
  }

  log(): string {
    return readFileSync(join(this.directory, 'log'), 'utf8');
  }

  fingerprint(type: string): string {
    const line = execFileSync('ssh-keygen', ['-lf', join(this.directory, `host_${type}.pub`)], { encoding: 'utf8' });
    return line.split(' ')[1] ?? '';
  }

  publicKey(type: string): string {
    return readFileSync(join(this.directory, `host_${type}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');
  }

  async renewHostKeys(): Promise<void> {
    await this.#end();
    this.#makeHostKeys();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#end();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async start(): Promise<void> {
    const { prepare = [], users = [] } = this.#options;
    const steps = ['mount --make-rprivate /', ...prepare];
    if (users.length > 0) {
      for (const file of ['passwd', 'shadow']) steps.push(`mount --bind ${this.directory}/${file} /etc/${file}`);
    }
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    writeFileSync(join(this.directory, 'config'), this.#config().join('\n') + '\n');
    steps.push(`exec ${SSHD} -D -f ${this.directory}/config -E ${this.directory}/log`);
    this.#child = spawn('unshare', ['--mount', 'sh', '-ec', steps.join('\n')], {
      stdio: 'ignore',
      env: { ...process.env, HOMES: join(this.directory, 'home') },
    });
    await waitForPort(this.port, this.#child);
  }

  async #end(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  #config(): string[] {
    const { hostKeyTypes: types = ['ed25519'], config = [] } = this.#options;
    const defaults = [
      `Port ${this.port}`,
      'ListenAddress 127.0.0.1',
      `PidFile ${this.directory}/pid`,
      ...types.map((type) => `HostKey ${this.directory}/host_${type}`),
      `AuthorizedKeysFile ${this.directory}/authorized_keys`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'PrintMotd no',
      'PrintLastLog no',
      'LogLevel DEBUG2',
      'MaxStartups 100:30:200',
    ];
    // Of some settings sshd takes the first value, of others the last.
    const isSet = (line: string): boolean => config.some((other) => other.split(' ')[0] === line.split(' ')[0]);
    return [...defaults.filter((line) => !isSet(line)), ...config];
  }

  #makeHostKeys(): void {
    for (const type of this.#options.hostKeyTypes ?? ['ed25519']) {
      const path = join(this.directory, `host_${type}`);
      rmSync(path, { force: true });
      rmSync(`${path}.pub`, { force: true });
      makeKey(path, type);
    }
  }

  #makeUsers(): void {
    cpSync(`${this.keyFile}.pub`, join(this.directory, 'authorized_keys'));
    let passwd = readFileSync('/etc/passwd', 'utf8');
    let shadow = readFileSync('/etc/shadow', 'utf8');
    (this.#options.users ?? []).forEach(({ name, shell = '/bin/sh', password, files = {} }, index) => {
      const id = FIRST_UID + (this.port % PORTS) * USERS_OF_A_SERVER + index;
      const home = this.home(name);
      mkdirSync(home, { recursive: true });
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(join(home, file, '..'), { recursive: true });
        writeFileSync(join(home, file), text);
      }
      execFileSync('chown', ['-R', `${id}:${id}`, home]);
      chownSync(home, id, id);
      passwd += `${name}:x:${id}:${id}::${home}:${shell}\n`;
      const hash = password === undefined ? '*' : crypt(password);
      shadow += `${name}:${hash}:19000:0:99999:7:::\n`;
    });
    writeFileSync(join(this.directory, 'passwd'), passwd, { mode: 0o644 });
    writeFileSync(join(this.directory, 'shadow'), shadow, { mode: 0o600 });
  }
}

function crypt(password: string): string {
  return execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: `${password}\n`, encoding: 'utf8' }).trim();
}

/** Of those for servers like this; from anywhere among them, so that two who look at once look elsewhere. */
async function ownPort(): Promise<number> {
  const start = randomInt(PORTS);
  for (let step = 0; step < PORTS; step++) {
    const port = FIRST_PORT + ((start + step) % PORTS);
    const isFree = await freePort(port).catch(() => undefined);
    if (isFree !== undefined) return port;
  }
  throw new Error(`all ports from ${FIRST_PORT} to ${FIRST_PORT + PORTS - 1} are taken`);
}

/** @throws when `port` is taken */
export async function freePort(port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function waitForPort(port: number, child: ChildProcess): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (performance.now() < endMs) {
    if (child.exitCode !== null) throw new Error(`sshd ended with ${child.exitCode} before it listened`);
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', () => resolve(false));
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error('sshd did not listen within 10 s');
}
