/** Firewalls, cables and addresses. The rules are in the device's own network, and go with it. */
import { moveAddress, setCable } from '../network.ts';
import { type Fault, together } from './fault.ts';

/** What the device sends to this port of anybody disappears: it cannot reach the server. */
export const dropTo = (port: number): Fault => stopped(port, 'DROP');

/** The same, refused at once. */
export const rejectTo = (port: number): Fault => stopped(port, 'REJECT', '--reject-with', 'tcp-reset');

/** Half-open: the device hears, and nobody hears it. */
export const mute = (): Fault => rule('mangle', 'OUTPUT', '!', '-o', 'lo', '-j', 'DROP');

/** Half-open: the device is heard, and hears nobody. */
export const deaf = (): Fault => rule('mangle', 'PREROUTING', '!', '-i', 'lo', '-j', 'DROP');

/** As on a router that throttles: of new connections to the SSH port, so many a minute come through. */
export const throttled =
  (perMinute: number): Fault =>
  async (device) => {
    const port = ['-p', 'tcp', '--dport', String(device.port), '-m', 'conntrack', '--ctstate', 'NEW'];
    const drop = await rule('mangle', 'PREROUTING', ...port, '-j', 'DROP')(device);
    const limit = ['-m', 'limit', '--limit', `${perMinute}/minute`, '--limit-burst', '1'];
    const allow = await rule('mangle', 'PREROUTING', ...port, ...limit, '-j', 'ACCEPT')(device);
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

/** New connections go past a proxy for latency; those that it has already are known by the port that they meant. */
function stopped(port: number, ...target: readonly string[]): Fault {
  const past = rule('nat', 'OUTPUT', '-p', 'tcp', '--dport', String(port), '-j', 'ACCEPT');
  // The device's own packets only: the answer of a rejection belongs to the same connection.
  const meant = ['-p', 'tcp', '-m', 'conntrack', '--ctorigdstport', String(port), '--ctdir', 'ORIGINAL'];
  return together(past, rule('filter', 'OUTPUT', ...meant, '-j', ...target));
}

/** The newest rule comes first. The mangle table is before every redirection. */
function rule(table: 'filter' | 'mangle' | 'nat', chain: 'PREROUTING' | 'OUTPUT', ...words: readonly string[]): Fault {
  const iptables = ['iptables', '-w', '-t', table];
  return async (device) => {
    await device.root([...iptables, '-I', chain, ...words]);
    return async () => void (await device.root([...iptables, '-D', chain, ...words]));
  };
}
