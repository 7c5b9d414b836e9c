import { describe, expect, it } from 'vitest';
import { addressTowards, ownAddress, reachOf } from './interfaces.ts';

describe('the reach of an address', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.8.9.10', 'loopback'],
    ['::1', 'loopback'],
    ['localhost', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['100.64.0.0', 'tailnet'],
    ['100.127.255.255', 'tailnet'],
    ['::ffff:100.101.102.103', 'tailnet'],
    ['fd7a:115c:a1e0::1', 'tailnet'],
    ['fd7a:115c:a1e0:ab12::7', 'tailnet'],
    ['100.63.255.255', 'internet'],
    ['100.128.0.0', 'internet'],
    ['fd7a:115c:a1e1::1', 'lan'],
    ['192.168.1.7', 'lan'],
    ['172.31.255.1', 'lan'],
    ['172.32.0.1', 'internet'],
    ['fe80::1%eth0', 'lan'],
    ['203.0.113.9', 'internet'],
    ['2001:db8::1', 'internet'],
    ['', 'internet'],
    ['pi.local', 'internet'],
  ])('%s is %s', (address, reach) => {
    expect(reachOf(address)).toBe(reach);
  });
});

describe('the address of this machine', () => {
  const entry = (address: string, internal = false) => ({
    address,
    internal,
    family: 'IPv4' as const,
    netmask: '255.0.0.0',
    mac: '00:00:00:00:00:00',
    cidr: null,
  });

  it('is the one on the tailnet, else on a private network, never every one of them', () => {
    const lo = [entry('127.0.0.1', true)];
    expect(ownAddress({ lo, eth0: [entry('192.168.1.5')], tailscale0: [entry('100.101.1.2')] })).toBe('100.101.1.2');
    expect(ownAddress({ lo, eth1: [entry('203.0.113.1')], eth0: [entry('10.0.0.5')] })).toBe('10.0.0.5');
    expect(ownAddress({ lo, eth1: [entry('203.0.113.1')], eth0: [entry('169.254.1.1')] })).toBeUndefined();
  });

  it('towards the loopback is on the loopback; towards what is no address there is none', async () => {
    expect(await addressTowards('127.0.0.1')).toBe('127.0.0.1');
    expect(await addressTowards('no such host.invalid')).toBeUndefined();
  });
});
