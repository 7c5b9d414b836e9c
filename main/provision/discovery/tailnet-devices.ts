/** Nodes of the tailnet as devices that could be added, and what stands against it. */
import type { DeviceInput, DevicePath, DiscoveredDevice, Discovery } from '../../core/device.ts';
import type { Tailnet, TailnetPeer } from './tailscale.ts';

const WARN_BEFORE_EXPIRY_MS = 14 * 24 * 3_600_000;
const TAG = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,62}$/u;
const MAX_TAGS = 16;

export type KnownDevice = (device: { nodeId?: string; address: string }) => string | null;

export function devicesOfTailnet(tailnet: Tailnet, known: KnownDevice, now: Date): Discovery {
  const devices = tailnet.peers.map((peer) => deviceOf(peer, known, now));
  devices.sort((a, b) => Number(b.online === true) - Number(a.online === true));
  return { source: 'tailnet', where: tailnet.name, devices, warnings: [] };
}

export function pathOf({ path, relay }: TailnetPeer): DevicePath | undefined {
  if (path === null) return undefined;
  return path === 'direct'
    ? { kind: 'direct' }
    : { kind: 'relay', reason: `through the relay ${relay ?? 'of the tailnet'}` };
}

function deviceOf(peer: TailnetPeer, known: KnownDevice, now: Date): DiscoveredDevice {
  const address = peer.addresses.find((candidate) => candidate.includes('.')) ?? peer.addresses[0] ?? '';
  const input: DeviceInput = {
    address,
    nodeId: peer.nodeId,
    source: 'tailnet',
    tags: peer.tags.filter((tag) => TAG.test(tag)).slice(0, MAX_TAGS),
  };
  if (TAG.test(peer.name)) input.name = peer.name;
  const path = pathOf(peer);
  const note = noteOn(peer, now);
  return {
    input,
    known: known({ nodeId: peer.nodeId, address }),
    online: peer.online,
    ...(peer.system !== undefined && { system: peer.system }),
    ...(path !== undefined && { path }),
    ...(note !== undefined && { note }),
  };
}

function noteOn(peer: TailnetPeer, now: Date): string | undefined {
  if (peer.isExpired) return 'its tailnet key has expired: log in on it again';
  if (peer.system !== undefined && peer.system !== '' && peer.system !== 'linux') {
    return `it runs ${peer.system}; agents run on Linux`;
  }
  if (peer.online === false) return 'it is offline';
  const expiryMs = peer.keyExpiresAt === undefined ? Infinity : Date.parse(peer.keyExpiresAt) - now.getTime();
  if (expiryMs > 0 && expiryMs < WARN_BEFORE_EXPIRY_MS)
    return `its tailnet key expires on ${peer.keyExpiresAt?.slice(0, 10)}`;
  const isRenamed = peer.hostName !== '' && peer.hostName.toLowerCase() !== peer.name.toLowerCase();
  return isRenamed ? `it calls itself ${peer.hostName}` : undefined;
}
