/** The addresses of this machine, and who is at the other end of a connection by its address. */
import { createSocket } from 'node:dgram';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** `tailnet`: an overlay network that encrypts. `lan`: a private network. `internet`: any other. */
export type Reach = 'loopback' | 'tailnet' | 'lan' | 'internet';

const RANGES: Record<Exclude<Reach, 'internet'>, BlockList> = {
  loopback: ranges(['127.0.0.0/8', '::1/128']),
  tailnet: ranges(['100.64.0.0/10', 'fd7a:115c:a1e0::/48']),
  lan: ranges(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fc00::/7', 'fe80::/10']),
};

/** Where an address is; the ones that IPv6 maps from IPv4 count as those. */
export function reachOf(address: string): Reach {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (plain === 'localhost') return 'loopback';
  const family = isIP(plain);
  if (family === 0) return 'internet';
  for (const reach of ['loopback', 'tailnet', 'lan'] as const) {
    if (RANGES[reach].check(plain, family === 6 ? 'ipv6' : 'ipv4')) return reach;
  }
  return 'internet';
}

/** An address in a URL. */
export function hostInUrl(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

/** How long the system may look for a way. */
const ROUTE_MS = 2000;
/** Any port does: connecting a datagram socket only chooses a route. */
const DISCARD_PORT = 9;

/**
 * The address of this machine that its packets to `address` would bear, as its routes are now; undefined
 * when it has none. Nothing is sent.
 */
export async function addressTowards(address: string): Promise<string | undefined> {
  const family = isIP(address.replace(/%.*$/, ''));
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  try {
    return await new Promise<string | undefined>((resolve) => {
      const tooLate = setTimeout(() => resolve(undefined), ROUTE_MS);
      const done = (found: string | undefined): void => {
        clearTimeout(tooLate);
        resolve(found);
      };
      socket.once('error', () => done(undefined));
      // An error of the name service comes as an argument, which the types do not know of.
      const connected = (error?: Error): void => done(error ? undefined : socket.address().address);
      socket.connect(DISCARD_PORT, address, connected);
    });
  } finally {
    socket.close();
  }
}

/** The address that others most likely reach this machine at: on the tailnet, else on a private network. */
export function ownAddress(interfaces = networkInterfaces()): string | undefined {
  const addresses = Object.values(interfaces).flatMap((list) => list ?? []);
  for (const reach of ['tailnet', 'lan'] as const) {
    const found = addresses.find(
      ({ address, family, internal }) => !internal && family === 'IPv4' && reachOf(address) === reach,
    );
    if (found && !found.address.startsWith('169.254.')) return found.address;
  }
  return undefined;
}

function ranges(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/');
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}
