/** Hosts that the user's ssh configuration names, one device each; patterns are settings, not hosts. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import SSHConfig from 'ssh-config';
import type { DeviceInput, DiscoveredDevice, Discovery } from '../../core/device.ts';
import { CaduceusError } from '../../core/errors.ts';
import { oneLine } from '../../core/plain-text.ts';
import { hostConfig, readConfig, type SshConfigSource } from '../ssh/ssh-config.ts';
import type { KnownDevice } from './tailnet-devices.ts';

const MAX_HOSTS = 500;
const AT_ONCE = 8;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,62}$/u;
const ADDRESS = /^[A-Za-z0-9:][A-Za-z0-9._:%-]{0,252}$/;

/** @throws CAD-SSH-CONFIG */
export async function devicesOfSshConfig(source: SshConfigSource, known: KnownDevice): Promise<Discovery> {
  const file = source.file ?? join(source.home ?? homedir(), '.ssh', 'config');
  if (!existsSync(file)) {
    throw new CaduceusError(
      'CAD-SSH-CONFIG',
      `there is no ssh configuration at ${file}`,
      'Add devices by address, or write hosts into that file.',
    );
  }
  const warnings: string[] = [];
  const names = hostNames(readConfig(file, true));
  if (names.length > MAX_HOSTS) warnings.push(`only the first ${MAX_HOSTS} of ${names.length} hosts are shown`);
  const devices: DiscoveredDevice[] = [];
  const queue = names.slice(0, MAX_HOSTS);
  const found = new Map<string, DiscoveredDevice>();
  const work = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const device = await deviceOf(name, source, known, warnings);
      if (device !== undefined) found.set(name, device);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const name of names) devices.push(...(found.has(name) ? [found.get(name) as DiscoveredDevice] : []));
  return { source: 'ssh-config', where: file, devices, warnings };
}

async function deviceOf(
  name: string,
  source: SshConfigSource,
  known: KnownDevice,
  warnings: string[],
): Promise<DiscoveredDevice | undefined> {
  if (!ADDRESS.test(name)) {
    warnings.push(`the host "${oneLine(name, 60)}" cannot be used as an address`);
    return undefined;
  }
  // The name is the address: so every setting of the file goes on to hold, as it would for ssh.
  const input: DeviceInput = { address: name, source: 'ssh-config' };
  if (NAME.test(name)) input.name = name;
  const device: DiscoveredDevice = { input, known: known({ address: name }), online: null };
  try {
    const { host, port, user, jump } = await hostConfig(name, undefined, source);
    input.user = user;
    if (port !== 22) input.port = port;
    const way = jump.length === 0 ? '' : `, through ${jump.join(', ')}`;
    if (host !== name || way !== '') device.note = `${oneLine(host, 80)}${oneLine(way, 200)}`;
  } catch (error) {
    device.note = (error as Error).message;
  }
  return device;
}

function hostNames(config: SSHConfig): string[] {
  const names: string[] = [];
  for (const line of config) {
    if (line.type !== SSHConfig.DIRECTIVE || line.param.toLowerCase() !== 'host') continue;
    const values = (Array.isArray(line.value) ? line.value : [line.value]) as (string | { val: string })[];
    for (const value of values) {
      for (const name of (typeof value === 'string' ? value : value.val).split(/\s+/)) {
        if (name !== '' && !/[*?!]/.test(name) && !names.includes(name)) names.push(name);
      }
    }
  }
  return names;
}
