/** What the test bed needs of its host, and how to say what is missing. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CaduceusError } from '../../main/core/errors.ts';
import { SYSTEM_ENVIRONMENT } from './command.ts';

/** Program → Debian package that brings it. */
const PROGRAMS = {
  ip: 'iproute2',
  tc: 'iproute2',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  iptables: 'iptables',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  hostname: 'hostname',
};

/** The program's path; undefined where it is not installed. sshd starts only by its whole path. */
export function programPath(name: string): string | undefined {
  const directories = SYSTEM_ENVIRONMENT.PATH.split(':');
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
}

/** Why no bed can be built here; undefined when one can. */
export function whyNoTestbed(): CaduceusError | undefined {
  if (process.platform !== 'linux') {
    const remedy =
      'Run it on Linux, in a virtual machine for example; workers of one machine need no bed: --workers local:4.';
    return new CaduceusError(
      'CAD-TESTBED-HOST',
      'the test bed is made of Linux namespaces, and this is not Linux',
      remedy,
    );
  }
  if (process.getuid?.() !== 0) {
    const remedy = 'Run it as root: sudo npm run testbed -- up';
    return new CaduceusError('CAD-TESTBED-HOST', 'the test bed makes namespaces and users, which takes root', remedy);
  }
  const missing = Object.entries(PROGRAMS).filter(([name]) => programPath(name) === undefined);
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(([, from]) => from))].join(' ');
    const names = missing.map(([name]) => name).join(', ');
    return new CaduceusError(
      'CAD-TESTBED-HOST',
      `the test bed needs programs that are not installed: ${names}`,
      `Install them, on Debian and Ubuntu with: apt-get install ${packages}`,
    );
  }
  return refusedByKernel();
}

let verdict: { error: CaduceusError | undefined } | undefined;

/** Containers are often root without the right to make namespaces. Asked once: it starts a process. */
function refusedByKernel(): CaduceusError | undefined {
  if (verdict) return verdict.error;
  const attempt = spawnSync(
    'unshare',
    [
      '--net',
      '--mount',
      '--uts',
      '--ipc',
      '--pid',
      '--fork',
      '--mount-proc',
      'ip',
      'link',
      'add',
      'cad0',
      'type',
      'veth',
      'peer',
      'name',
      'cad1',
    ],
    { env: SYSTEM_ENVIRONMENT, encoding: 'utf8', timeout: 10_000 },
  );
  verdict = { error: undefined };
  if (attempt.status !== 0) {
    verdict.error = new CaduceusError(
      'CAD-TESTBED-HOST',
      `this kernel or container does not allow namespaces with links of their own: ${attempt.stderr?.trim() || 'no answer'}`,
      'Run it on the host itself or in a virtual machine; a container needs --privileged.',
    );
  }
  return verdict.error;
}

/** @throws CAD-TESTBED-HOST */
export function requireTestbedHost(): void {
  const reason = whyNoTestbed();
  if (reason) throw reason;
}
