/**
 * Who has been let in. The address that is printed carries a token in its fragment, which no server and
 * no log ever sees; the page exchanges it, once, for two secrets: a cookie, which scripts cannot read, and a
 * key, which only pages of this very host and port can. Cookies are shared with every other port of this
 * machine, so a cookie alone opens nothing but files to look at.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 32;
/** Tokens that have not been used; the oldest is forgotten. */
const MAX_TOKENS = 8;
/** Windows that were let in; the oldest has to ask for a new address. */
const MAX_SESSIONS = 32;

export interface Session {
  cookie: string;
  key: string;
}

export class Sessions {
  readonly #tokens: string[] = [];
  readonly #sessions: Session[] = [];

  /** A token for one window. */
  issue(): string {
    const token = secret();
    this.#tokens.push(token);
    if (this.#tokens.length > MAX_TOKENS) this.#tokens.shift();
    return token;
  }

  /** @returns undefined for a token that was never issued, or is used up. */
  exchange(token: string): Session | undefined {
    const place = this.#tokens.findIndex((known) => isSame(known, token));
    if (place < 0) return undefined;
    this.#tokens.splice(place, 1);
    const session = { cookie: secret(), key: secret() };
    this.#sessions.push(session);
    if (this.#sessions.length > MAX_SESSIONS) this.#sessions.shift();
    return session;
  }

  find(cookie: string | undefined): Session | undefined {
    return cookie === undefined ? undefined : this.#sessions.find((session) => isSame(session.cookie, cookie));
  }

  owns(cookie: string | undefined, key: string): boolean {
    const session = this.find(cookie);
    return session !== undefined && isSame(session.key, key);
  }
}

function secret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** Takes as long for any wrong value of any length. */
function isSame(known: string, given: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(known), digest(given));
}
