/** What clients read to reach the devices: settings and known hosts for OpenSSH, a list to import. */
import { chownSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BedDevice } from './device.ts';

export interface DeviceAccess {
  name: string;
  address: string;
  port: number;
  user: string;
  keyFile: string;
  fingerprint: string;
}

export function accessOf({ name, address, port, user, keyFile, fingerprint }: BedDevice): DeviceAccess {
  return { name, address, port, user, keyFile, fingerprint };
}

export function accessPaths(directory: string) {
  return {
    sshConfig: join(directory, 'ssh_config'),
    knownHosts: join(directory, 'known_hosts'),
    csv: join(directory, 'devices.csv'),
    json: join(directory, 'devices.json'),
  };
}

/** Those of a list that `caduceus devices import` reads; trust in a key is not among what a list can say. */
const COLUMNS = ['name', 'address', 'port', 'user', 'keyFile'] as const;

export function writeAccessFiles(directory: string, devices: readonly BedDevice[]): void {
  const paths = accessPaths(directory);
  const rows = devices.map(accessOf);
  writeFileSync(paths.json, `${JSON.stringify(rows, null, 2)}\n`);
  const lines = rows.map((row) => COLUMNS.map((column) => field(String(row[column]))).join(','));
  writeFileSync(paths.csv, `${[COLUMNS.join(','), ...lines].join('\n')}\n`);
  writeFileSync(paths.knownHosts, devices.map(({ address, hostKey }) => `${address} ${hostKey}\n`).join(''));
  writeFileSync(paths.sshConfig, rows.map((row) => hostEntry(row, paths.knownHosts)).join('\n'));
}

/**
 * To whoever ran `sudo`: it takes root to build a bed, but none to use it. Devices, their keys and their files stay root's.
 */
export function handToCaller(directory: string, clientKey: string, environment: NodeJS.ProcessEnv): void {
  const [user, group] = [Number(environment['SUDO_UID']), Number(environment['SUDO_GID'])];
  if (!Number.isInteger(user) || !Number.isInteger(group) || user === 0) return;
  for (const path of [directory, clientKey, ...Object.values(accessPaths(directory))]) {
    if (existsSync(path)) chownSync(path, user, group);
  }
}

/** Nothing of the user's own settings, keys or known hosts takes part. */
function hostEntry({ name, address, port, user, keyFile }: DeviceAccess, knownHosts: string): string {
  return [
    `Host ${name}`,
    `  HostName ${address}`,
    `  Port ${port}`,
    `  User ${user}`,
    `  IdentityFile ${quoted(keyFile)}`,
    '  IdentitiesOnly yes',
    '  IdentityAgent none',
    `  UserKnownHostsFile ${quoted(knownHosts)}`,
    '  GlobalKnownHostsFile /dev/null',
    '  StrictHostKeyChecking yes',
    '  BatchMode yes',
    '',
  ].join('\n');
}

function quoted(path: string): string {
  return /\s/.test(path) ? `"${path}"` : path;
}

function field(value: string): string {
  return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
