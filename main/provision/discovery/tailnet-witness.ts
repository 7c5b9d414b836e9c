/** Host keys as the tailnet lists them, for addresses that can be a node's; asked for once in a while. */
import type { Tailnet } from './tailscale.ts';

const FRESH_MS = 30_000;

export class TailnetWitness {
  readonly #read: () => Promise<Tailnet>;
  #cached: { tailnet: Promise<Tailnet | undefined>; atMs: number } | undefined;

  constructor(read: () => Promise<Tailnet>) {
    this.#read = read;
  }

  /** None when it is no node, or there is no tailnet. */
  async keysOf(address: string): Promise<readonly Buffer[]> {
    if (!canBeNode(address)) return [];
    const nowMs = performance.now();
    if (this.#cached === undefined || nowMs > this.#cached.atMs + FRESH_MS) {
      this.#cached = { tailnet: this.#read().catch(() => undefined), atMs: nowMs };
    }
    const tailnet = await this.#cached.tailnet;
    const name = address.toLowerCase().replace(/\.$/, '');
    const peer = tailnet?.peers.find(
      ({ addresses, dnsName, name: short }) =>
        addresses.includes(name) || dnsName.toLowerCase() === name || short.toLowerCase() === name,
    );
    return peer?.sshHostKeys ?? [];
  }
}

/** 100.64.0.0/10, Tailscale's own IPv6 range, its names, or a bare name (MagicDNS). */
function canBeNode(address: string): boolean {
  const [, second] = /^100\.(\d+)\.\d+\.\d+$/.exec(address) ?? [];
  if (second !== undefined) return Number(second) >= 64 && Number(second) < 128;
  return /^fd7a:115c:a1e0:/i.test(address) || /\.ts\.net\.?$/i.test(address) || /^[A-Za-z][\w-]*$/.test(address);
}
