/**
 * How this page is let in: the address that it was opened with carries a token, good for one exchange. The
 * key that it gets lies where only pages of this host and port can read it, so that a reload needs no token.
 */
const STORED = 'caduceus.key';
const TOKEN = /^#token=([\w-]{1,200})$/;

/** Takes the token out of the address at once, before anything else reads that. */
export function takeToken(): string | null {
  const token = TOKEN.exec(location.hash)?.[1];
  if (token === undefined) return null;
  history.replaceState(null, '', location.pathname);
  return token;
}

/** Null: this page was not let in. */
export async function admissionKey(token: string | null): Promise<string | null> {
  if (token !== null) {
    const answer = await fetch('/session', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    if (answer.ok) {
      const { key } = (await answer.json()) as { key: string };
      localStorage.setItem(STORED, key);
      return key;
    }
  }
  // The token may have been used by this very browser before: a second click on the same link.
  return localStorage.getItem(STORED);
}

/** Whether the host still knows this browser; it forgets everybody when it starts anew. Null: it cannot be asked. */
export async function isAdmitted(): Promise<boolean | null> {
  try {
    return (await fetch('/session')).ok;
  } catch {
    return null;
  }
}
