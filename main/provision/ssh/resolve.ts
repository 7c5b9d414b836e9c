/** From what a device says of itself, and the ssh configuration adds, to the machines on the way there. */
import { homedir } from 'node:os';
import { CaduceusError } from '../../core/errors.ts';
import type { ConnectDevice } from './connector.ts';
import { type HostConfig, hostConfig, inHome, type SshConfigSource } from './ssh-config.ts';
import type { Hop } from './target.ts';

const DEFAULT_PORT = 22;
const MAX_HOPS = 6;
const JUMP = /^(?:([A-Za-z0-9._\\$@-]{1,64})@)?(\[[A-Fa-f0-9:.%]+\]|[A-Za-z0-9][A-Za-z0-9._-]{0,252})(?::(\d{1,5}))?$/;

export interface ResolvedHop extends Hop {
  knownHostsFiles: readonly string[];
  /** Of the ssh configuration; `none` forbids any. */
  agent?: string;
}

/** A device of the inventory, by name. */
export type DeviceByName = (name: string) => ConnectDevice | undefined;

/** All hops in order, the device last. @throws CAD-SSH-CONFIG, CAD-DEVICE-INVALID */
export async function resolveHops(
  device: ConnectDevice,
  source: SshConfigSource,
  deviceByName: DeviceByName,
): Promise<ResolvedHop[]> {
  return hopsTo(device, source, deviceByName, 1);
}

async function hopsTo(
  device: ConnectDevice,
  source: SshConfigSource,
  deviceByName: DeviceByName,
  depth: number,
): Promise<ResolvedHop[]> {
  const config = await hostConfig(device.address, device.user, source);
  const last = hopFrom(device, config);
  const jumps = device.jump.length > 0 ? device.jump : config.jump;
  const before: ResolvedHop[] = [];
  for (const [index, jump] of jumps.entries()) {
    if (depth + jumps.length > MAX_HOPS) throw tooFar(device.address);
    const inner = deviceByName(jump) ?? parseJump(jump);
    // Only the first of them is reached from here; the next ones from the one before.
    const way = index === 0 ? inner : { ...inner, jump: [] };
    const hops =
      index === 0 ? await hopsTo(way, source, deviceByName, depth + jumps.length) : [await lastHop(way, source)];
    before.push(...hops);
  }
  if (before.length >= MAX_HOPS) throw tooFar(device.address);
  return [...before, last];
}

async function lastHop(device: ConnectDevice, source: SshConfigSource): Promise<ResolvedHop> {
  return hopFrom(device, await hostConfig(device.address, device.user, source));
}

function hopFrom(device: ConnectDevice, config: HostConfig): ResolvedHop {
  return {
    host: config.host,
    port: device.port === DEFAULT_PORT && device.isPortSaid !== true ? config.port : device.port,
    user: device.user ?? config.user,
    keyFiles: device.keyFile === undefined ? config.keyFiles : [inHome(device.keyFile, homedir())],
    identitiesOnly: device.keyFile !== undefined || config.identitiesOnly,
    knownHostsFiles: config.knownHostsFiles,
    ...(config.agent !== undefined && { agent: config.agent }),
  };
}

/** `user@host:port`. @throws CAD-DEVICE-INVALID */
export function parseJump(text: string): ConnectDevice {
  const [, user, host, port] = JUMP.exec(text) ?? [];
  if (host === undefined) {
    throw new CaduceusError(
      'CAD-DEVICE-INVALID',
      `"${text}" is neither a device nor a jump host`,
      'Write a device of the inventory by name, or user@host:port.',
    );
  }
  return {
    address: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? DEFAULT_PORT : Number(port),
    isPortSaid: port !== undefined,
    jump: [],
    ...(user !== undefined && { user }),
  };
}

function tooFar(address: string): CaduceusError {
  return new CaduceusError(
    'CAD-SSH-CONFIG',
    `the way to ${address} leads through more than ${MAX_HOPS} machines, or in a circle`,
    'Look at the jump hosts of the device and at ProxyJump in the ssh configuration.',
  );
}
