/** Where a connection goes, with everything that was resolved about it. */

/** One machine on the way, or the last. */
export interface Hop {
  host: string;
  port: number;
  user: string;
  /** Private keys to try, in this order. */
  keyFiles: readonly string[];
  /** Only these keys, also of the agent's. */
  identitiesOnly: boolean;
}

export interface Target extends Hop {
  /** Machines to pass through, in this order. */
  jump: readonly Hop[];
}

export function hopAddress({ host, port }: { host: string; port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function hopName(hop: Hop): string {
  return `${hop.user}@${hopAddress(hop)}`;
}
