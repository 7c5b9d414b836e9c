/**
 * The bed's network: one bridge with the host's end, and for every device a network namespace with a
 * veth pair into it. Nothing is forwarded: devices reach each other and the host, and nobody else.
 */
import { readFileSync } from 'node:fs';
import { attempt, command } from './command.ts';
import { hostAddressOf, subnetOf, type LinkPlan } from './plan.ts';
import { markNetnsMount } from './slot.ts';

/** What the device sees. */
const DEVICE_END = 'eth0';
const PREFIX_BITS = 24;
/** A queue of this long; what comes on top is dropped, as a router does. */
const TBF_QUEUE_MS = 100;
/** Tokens for this long, and at least a few full packets. */
const TBF_BURST_MS = 10;
const TBF_LEAST_BURST_BYTES = 16_384;
const TBF_LARGEST_BURST_BYTES = 16 * 2 ** 20;

export function bridgeOf(slot: number): string {
  return `cad${slot}br`;
}

/** The host's end of a device's link. Names of interfaces have at most 15 characters. */
export function hostEndOf(slot: number, index: number): string {
  return `cad${slot}v${index}`;
}

export async function makeBridge(slot: number): Promise<void> {
  if (!readFileSync('/proc/self/mounts', 'utf8').includes(' /run/netns ')) markNetnsMount();
  const bridge = bridgeOf(slot);
  await command('ip', ['-batch', '-'], {
    input: [
      `link add ${bridge} type bridge forward_delay 0`,
      `addr add ${hostAddressOf(slot)}/${PREFIX_BITS} dev ${bridge}`,
      `link set ${bridge} up`,
    ].join('\n'),
  });
}

export interface Ends {
  slot: number;
  index: number;
  namespace: string;
}

export async function connectDevice(ends: Ends, address: string, link: LinkPlan): Promise<void> {
  const { slot, index, namespace } = ends;
  const hostEnd = hostEndOf(slot, index);
  await command('ip', ['netns', 'add', namespace]);
  await command('ip', ['-batch', '-'], {
    input: [
      `link add ${hostEnd} type veth peer name ${DEVICE_END} netns ${namespace}`,
      `link set ${hostEnd} master ${bridgeOf(slot)}`,
      `link set ${hostEnd} up`,
    ].join('\n'),
  });
  await command('ip', ['-n', namespace, '-batch', '-'], {
    input: [`link set lo up`, `addr add ${address}/${PREFIX_BITS} dev ${DEVICE_END}`, `link set ${DEVICE_END} up`].join(
      '\n',
    ),
  });
  await capLink(ends, link);
}

/** Caps both directions; a direction without a figure is not capped. Takes effect at once, also on open connections. */
export async function capLink({ slot, index, namespace }: Ends, link: LinkPlan): Promise<void> {
  await cap([], hostEndOf(slot, index), link.downBitsPerSecond);
  await cap(['-n', namespace], DEVICE_END, link.upBitsPerSecond);
}

async function cap(where: string[], device: string, bitsPerSecond: number | undefined): Promise<void> {
  if (bitsPerSecond === undefined) {
    await attempt('tc', [...where, 'qdisc', 'del', 'dev', device, 'root']);
    return;
  }
  const wanted = Math.round((bitsPerSecond / 8000) * TBF_BURST_MS);
  const burst = Math.min(TBF_LARGEST_BURST_BYTES, Math.max(TBF_LEAST_BURST_BYTES, wanted));
  const rate = `${Math.max(8, Math.round(bitsPerSecond))}bit`;
  const shape = ['tbf', 'rate', rate, 'burst', String(burst), 'latency', `${TBF_QUEUE_MS}ms`];
  await command('tc', [...where, 'qdisc', 'replace', 'dev', device, 'root', ...shape]);
}

/** Gives the device another address of the bed's subnet; connections to the old one are left hanging. */
export async function moveAddress(slot: number, namespace: string, host: number): Promise<string> {
  const address = `${subnetOf(slot)}.${host}`;
  await command('ip', ['-n', namespace, 'addr', 'flush', 'dev', DEVICE_END, 'scope', 'global']);
  await command('ip', ['-n', namespace, 'addr', 'add', `${address}/${PREFIX_BITS}`, 'dev', DEVICE_END]);
  return address;
}

/** Pulls the cable, or puts it back. */
export async function setCable(namespace: string, isIn: boolean): Promise<void> {
  await command('ip', ['-n', namespace, 'link', 'set', DEVICE_END, isIn ? 'up' : 'down']);
}

/** The kernel's counter of an interface of this host. */
export function counterOf(end: string, counter: 'rx_bytes' | 'tx_bytes'): number {
  return Number(readFileSync(`/sys/class/net/${end}/statistics/${counter}`, 'utf8'));
}
