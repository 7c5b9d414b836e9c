/** A machine that a connection goes to or through, with everything that was resolved about it. */

export interface Hop {
  host: string;
  port: number;
  user: string;
  /** Private keys to try, in this order. */
  keyFiles: readonly string[];
  /** Only these keys, also of the agent's. */
  identitiesOnly: boolean;
}

export function hopAddress({ host, port }: { host: string; port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function hopName(hop: Hop): string {
  return `${hop.user}@${hopAddress(hop)}`;
}
