/** Firewalls, cables and addresses. The rules are in the device's own network, and go with it. */
import type { Fault } from './fault.ts';
import { moveAddress, setCable } from '../network.ts';

/** What the device sends to this port of anybody disappears: it cannot reach the server. */
export const dropTo = (port: number): Fault => rule('OUTPUT', '-p', 'tcp', '--dport', String(port), '-j', 'DROP');

/** The same, refused at once. */
export const rejectTo = (port: number): Fault =>
  rule('OUTPUT', '-p', 'tcp', '--dport', String(port), '-j', 'REJECT', '--reject-with', 'tcp-reset');

/** Half-open: the device hears, and nobody hears it. */
export const mute = (): Fault => rule('OUTPUT', '!', '-o', 'lo', '-j', 'DROP');

/** Half-open: the device is heard, and hears nobody. */
export const deaf = (): Fault => rule('INPUT', '!', '-i', 'lo', '-j', 'DROP');

/** As on a router that throttles: of new connections to the SSH port, so many a minute come through. */
export const throttled =
  (perMinute: number): Fault =>
  async (device) => {
    const port = ['-p', 'tcp', '--dport', String(device.port), '-m', 'conntrack', '--ctstate', 'NEW'];
    const drop = await rule('INPUT', ...port, '-j', 'DROP')(device);
    const limit = ['-m', 'limit', '--limit', `${perMinute}/minute`, '--limit-burst', '1'];
    const allow = await rule('INPUT', ...port, ...limit, '-j', 'ACCEPT')(device);
    return async () => {
      await allow();
      await drop();
    };
  };

/** The cable is out. */
export const unplugged = (): Fault => async (device) => {
  await setCable(device.plan.namespace, false);
  return () => setCable(device.plan.namespace, true);
};

/** The device has another address from now on, and the same host key. */
export const movedAddress = (): Fault => async (device) => {
  const before = device.address;
  const host = Number(before.split('.')[3]);
  device.moved(await moveAddress(device.slot, device.plan.namespace, host + 100));
  return async () => device.moved(await moveAddress(device.slot, device.plan.namespace, host));
};

/** The newest rule comes first. */
function rule(chain: 'INPUT' | 'OUTPUT', ...words: readonly string[]): Fault {
  return async (device) => {
    await device.root(['iptables', '-w', '-I', chain, ...words]);
    return async () => void (await device.root(['iptables', '-w', '-D', chain, ...words]));
  };
}
