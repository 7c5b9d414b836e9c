/**
 * Pages outside the window that it may offer to open. A device says the address, so only those are on the list that a
 * device can honestly ask for: Tailscale's, which its log-in and its check mode send people to.
 */
const TAILSCALE = /^https:\/\/(?:login\.)?tailscale\.com(?:[/?#][\x21-\x7e]*)?$/;

export function mayOpenOutside(url: string): boolean {
  return TAILSCALE.test(url);
}
