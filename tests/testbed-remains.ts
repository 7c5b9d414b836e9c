/** What a test bed may have left on this host; to compare before and after. Other beds may come and go meanwhile. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const GROUPS = ['/sys/fs/cgroup', '/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpu,cpuacct'];

export interface Remains {
  processes: string[];
  namespaces: string[];
  links: string[];
  groups: string[];
  mounts: string[];
  files: string[];
  users: string;
}

/** What a bed should leave: the users of the host, and nothing else. */
export function nothingRemains(users: string): Remains {
  return { processes: [], namespaces: [], links: [], groups: [], mounts: [], files: [], users };
}

/** Of the bed with this number and directory. */
export function remainsOf(slot: number, directory: string): Remains {
  const isOurs = (name: string): boolean => name.startsWith(`cad${slot}`);
  return {
    processes: processes().filter((line) => line.includes(directory) || line.includes(`/run/netns/cad${slot}-`)),
    namespaces: namesIn('/run/netns').filter(isOurs),
    links: namesIn('/sys/class/net').filter(isOurs),
    groups: GROUPS.flatMap((root) => namesIn(root)).filter((name) => name === `caduceus-testbed-${slot}`),
    mounts: readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(directory) || line.includes(`/run/netns/cad${slot}-`)),
    files: [
      ...namesIn(tmpdir()).filter((name) => join(tmpdir(), name) === directory),
      ...namesIn('/run/caduceus-testbed').filter((name) => name === `bed-${slot}`),
    ],
    users: readFileSync('/etc/passwd', 'utf8'),
  };
}

/** Numbers and command lines of the processes of these users, wherever they run. */
export function processesOf(uids: readonly number[]): string[] {
  return processes(['-U', uids.join(','), '-u', uids.join(',')]);
}

function processes(which: readonly string[] = ['-e']): string[] {
  try {
    const lines = execFileSync('ps', [...which, '-ww', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n');
    return lines.filter((line) => line !== '' && !line.includes('ps -'));
  } catch {
    return []; // ps fails when it finds none
  }
}

function namesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}
