/**
 * The home page that a package names, which a .deb must: where these sources came from. A copy that came from
 * nowhere in particular names the folder that its package is installed to, which has licence and notices.
 */
import { spawnSync } from 'node:child_process';
import { ROOT } from './source-tree.ts';

const INSTALLED = 'file:///opt/Caduceus/resources/';

export function homepage(environment: NodeJS.ProcessEnv = process.env, origin: string = originOf(ROOT)): string {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = environment;
  if (server && repository) return `${server}/${repository}`;
  return pageOf(origin) ?? INSTALLED;
}

function originOf(folder: string): string {
  const { stdout } = spawnSync('git', ['config', '--get', 'remote.origin.url'], { cwd: folder, encoding: 'utf8' });
  return (stdout ?? '').trim();
}

/** The page of a repository by its address for git, without names and passwords in it. */
function pageOf(origin: string): string | undefined {
  const scp = /^(?:[\w.-]+@)?([\w-]+(?:\.[\w-]+)+):(?!\/\/)(.+)$/.exec(origin);
  const text = scp ? `https://${scp[1]}/${scp[2]}` : origin;
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, pathname } = new URL(text);
  if (!['http:', 'https:', 'ssh:', 'git:', 'git+ssh:'].includes(protocol) || hostname === '') return undefined;
  return `https://${hostname}${pathname.replace(/\/?(?:\.git)?\/?$/, '')}`;
}
