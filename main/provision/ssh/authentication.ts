/**
 * Proves to a device who we are: none → keys of the agent → key files → keyboard-interactive → password. Each is tried
 * once, what came of it is kept for the message, and nothing that was refused is sent again. It starts only behind the
 * verdict on the host key.
 */
import { CaduceusError } from '../../core/errors.ts';
import { oneLine } from '../../core/plain-text.ts';
import { SECRET_TIMEOUT_MS, type SecretKeeper, type SecretRequest } from '../secrets/secret-keeper.ts';
import { cancelled } from './connection.ts';
import type { Dialogue } from './dialogue.ts';
import type { ReturnedMethod } from './handshake.ts';
import { keyCandidates } from './key-candidates.ts';
import { KeyboardInteractive } from './keyboard-interactive.ts';
import { type Hop, hopAddress, hopName } from './target.ts';

/** For the server to judge one attempt. */
const REPLY_TIMEOUT_MS = 30_000;
/** For a person to follow a link that the device waits for. */
export const LINK_TIMEOUT_MS = 300_000;
/** A link in a banner is a question only when the server then says nothing more. */
const LINK_PATIENCE_MS = 1500;
const MAX_URL_CHARACTERS = 500;

/** One way to authenticate. */
export interface Candidate {
  /** `key ~/.ssh/id_ed25519`, for messages. */
  label: string;
  /** As the server calls it. */
  method: string;
  /** A word instead of a method: why it is passed over. */
  make(): Promise<ReturnedMethod | { skipped: string }>;
  onRefused?(): Promise<void> | void;
}

export interface AuthenticationParts {
  hop: Hop;
  /** Where the agent listens. */
  agent: string | undefined;
  secrets: SecretKeeper;
  dialogue: Dialogue;
  signal: AbortSignal;
  /** What was refused on this way before; shared by a connection and its second attempt. */
  refused: Set<string>;
  /** The step waits for a person now. */
  onWaiting(): void;
}

export class Authentication {
  readonly #parts: AuthenticationParts;
  readonly #outcomes: string[] = [];
  readonly #own = new AbortController();
  #candidates: Candidate[] | undefined;
  #current: Candidate | undefined;
  #fail: (error: Error) => void = () => undefined;
  #clock: NodeJS.Timeout | undefined;
  #linkTimer: NodeJS.Timeout | undefined;
  #link = new AbortController();
  #isUnanswered = false;
  /** What a person is being asked right now. */
  #question: Promise<unknown> | undefined;
  #isDropped = false;
  #hasEnded = false;

  constructor(parts: AuthenticationParts) {
    this.#parts = parts;
  }

  begin(fail: (error: Error) => void): void {
    this.#fail = fail;
    this.#parts.signal.addEventListener('abort', this.#onAbort);
    if (this.#parts.signal.aborted) this.#onAbort();
  }

  /** It is over, however. */
  end(): void {
    this.#stopClock();
    clearTimeout(this.#linkTimer);
    this.#parts.signal.removeEventListener('abort', this.#onAbort);
    this.#link.abort();
    this.#hasEnded = true;
    if (!this.#isDropped) this.#own.abort();
  }

  async next(methodsLeft: readonly string[] | null, hasPartialSuccess: boolean): Promise<ReturnedMethod> {
    this.#stopClock();
    // The server went on. (Some send their banner before the first attempt, and hold that.)
    if (this.#current !== undefined) clearTimeout(this.#linkTimer);
    this.#link.abort();
    const isPart = this.#current?.method === 'publickey' && methodsLeft?.includes('publickey') === false;
    await this.#conclude(hasPartialSuccess || isPart);
    this.#candidates ??= [this.#none(), ...(await this.#ways())];
    for (;;) {
      const next = this.#candidates.findIndex(({ method }) => methodsLeft === null || methodsLeft.includes(method));
      const [candidate] = next === -1 ? [] : this.#candidates.splice(next, 1);
      if (candidate === undefined) return false;
      if (this.#parts.refused.has(candidate.label)) {
        this.#outcomes.push(`${candidate.label}: refused before`);
        continue;
      }
      const method = await candidate.make();
      if (typeof method === 'object' && 'skipped' in method) {
        this.#outcomes.push(`${candidate.label}: ${method.skipped}`);
        continue;
      }
      this.#current = candidate;
      this.#startClock(REPLY_TIMEOUT_MS);
      return method;
    }
  }

  /** Words of the server: a link among them may be what it waits for (Tailscale's check mode). */
  onBanner(text: string): void {
    const found = /https:\/\/[^\s"'<>]+/.exec(text)?.[0];
    if (found === undefined || found.length > MAX_URL_CHARACTERS || !URL.canParse(found)) return;
    clearTimeout(this.#linkTimer);
    this.#linkTimer = setTimeout(() => this.#waitForLink(new URL(found).href), LINK_PATIENCE_MS);
  }

  refusal(cause: Error): CaduceusError {
    const { hop } = this.#parts;
    const left = this.#candidates ?? [];
    if (this.#current !== undefined) {
      const outcome = this.#current.method === 'none' ? 'not enough' : 'refused';
      this.#outcomes.push(`${this.#current.label}: ${this.#isUnanswered ? 'no answer was given' : outcome}`);
    }
    const isKeyless = this.#outcomes.length === 0 && !left.some(({ method }) => method === 'publickey');
    const said = isKeyless ? ['there was no key to try'] : [...this.#outcomes];
    if (left.length > 0) said.push(`the device does not ask for ${left.map(({ label }) => label).join(' or ')}`);
    this.#isDropped = this.#question !== undefined;
    const ending = /authentication methods failed/.test(cause.message) ? '' : ` (${oneLine(cause.message, 120)})`;
    return new CaduceusError(
      'CAD-SSH-AUTH',
      `${hopName(hop)} did not let us in: ${said.join('; ')}${ending}`,
      this.#remedy(),
      cause,
    );
  }

  /**
   * When the server hung up while a person was asked: waits for the answer, which a second connection can use.
   * False when there is nothing to wait for. @throws CAD-SSH-TIMEOUT, CAD-CANCELLED
   */
  async answerAfterDrop(): Promise<boolean> {
    if (!this.#isDropped || this.#question === undefined) return false;
    this.#parts.signal.addEventListener('abort', this.#onLateAbort);
    try {
      return (await this.#question) !== undefined;
    } finally {
      this.#parts.signal.removeEventListener('abort', this.#onLateAbort);
    }
  }

  readonly #onLateAbort = (): void => this.#own.abort();
  readonly #onAbort = (): void => this.#fail(cancelled(`authenticate at ${hopAddress(this.#parts.hop)}`));

  async #conclude(hasPartialSuccess: boolean): Promise<void> {
    const done = this.#current;
    this.#current = undefined;
    if (done === undefined) return;
    if (done.method === 'none') return;
    this.#outcomes.push(`${done.label}: ${hasPartialSuccess ? 'accepted, but not enough' : 'refused'}`);
    if (hasPartialSuccess) return;
    this.#parts.refused.add(done.label);
    await done.onRefused?.();
  }

  #none(): Candidate {
    const { user } = this.#parts.hop;
    return { label: 'none', method: 'none', make: async () => ({ type: 'none', username: user }) };
  }

  async #ways(): Promise<Candidate[]> {
    const { hop, agent, secrets, dialogue } = this.#parts;
    const ask = async (request: SecretRequest): Promise<string | undefined> =>
      this.#asking(() => secrets.ask(request, dialogue, this.#own.signal));
    const keys = await keyCandidates({ hop, agent, secrets, ask });
    const password = this.#passwordRequest();
    const interactive = new KeyboardInteractive({
      user: hop.user,
      host: hopAddress(hop),
      password,
      secrets,
      ask,
      askAnswer: (prompt, isShown) => this.#askAnswer(prompt, isShown),
      onPrompts: () => this.#stopClock(),
      onAnswered: () => this.#startClock(REPLY_TIMEOUT_MS),
      notGiven: () => {
        this.#isUnanswered = true;
        this.#fail(this.refusal(new Error('a question of the device was not answered')));
      },
      fail: (error) => this.#fail(error),
    });
    return [
      ...keys,
      {
        label: 'keyboard-interactive',
        method: 'keyboard-interactive',
        make: async () => interactive.method(),
        onRefused: async () => {
          if (interactive.hasSentPassword) await secrets.forget(password);
        },
      },
      {
        label: 'password',
        method: 'password',
        make: async () => {
          // The same password by another way would be a second attempt.
          if (interactive.hasSentPassword) return { skipped: 'the same password was refused' };
          const value = (await secrets.known(password)) ?? (await ask(password));
          if (value === undefined) return { skipped: 'not given' };
          return { type: 'password', username: hop.user, password: value };
        },
        onRefused: () => secrets.forget(password),
      },
    ];
  }

  #passwordRequest(): SecretRequest {
    const name = hopName(this.#parts.hop);
    return { kind: 'password', subject: name, host: hopAddress(this.#parts.hop), prompt: `Password of ${name}` };
  }

  async #askAnswer(prompt: string, isShown: boolean): Promise<string | undefined> {
    const host = hopAddress(this.#parts.hop);
    const question = { kind: 'secret', host, secret: 'answer', prompt, isShown, canRemember: false } as const;
    const answer = await this.#asking(() => this.#parts.dialogue.ask(question, SECRET_TIMEOUT_MS, this.#own.signal));
    return answer.kind === 'secret' ? answer.value : undefined;
  }

  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    this.#stopClock();
    this.#parts.onWaiting();
    const question = ask();
    this.#question = question;
    try {
      return await question;
    } finally {
      if (!this.#isDropped) this.#question = undefined;
    }
  }

  #waitForLink(url: string): void {
    this.#startClock(LINK_TIMEOUT_MS);
    this.#parts.onWaiting();
    this.#link = new AbortController();
    const host = hopAddress(this.#parts.hop);
    this.#parts.dialogue.ask({ kind: 'open-url', host, url }, LINK_TIMEOUT_MS, this.#link.signal).then(
      ({ kind }) => {
        if (kind === 'refuse') this.#fail(linkRefused(host, url));
      },
      () => undefined,
    );
  }

  #startClock(boundMs: number): void {
    this.#stopClock();
    if (this.#hasEnded) return;
    const what = this.#current?.label ?? 'authenticate';
    this.#clock = setTimeout(() => this.#fail(noReply(this.#parts.hop, what, boundMs)), boundMs);
  }

  #stopClock(): void {
    clearTimeout(this.#clock);
  }

  #remedy(): string {
    const { hop, agent } = this.#parts;
    const name = hopName(hop);
    if (this.#outcomes.some((outcome) => /^(password|keyboard-interactive): refused/.test(outcome))) {
      return `Check the user name and the password of ${name}; a refused password is not sent again, so it will be asked for.`;
    }
    const noAgent = agent === undefined ? ' No SSH agent was found (SSH_AUTH_SOCK is not set).' : '';
    return `Add your public key to ~/.ssh/authorized_keys of ${name}, choose a key file for the device, or check the user name.${noAgent}`;
  }
}

function noReply(hop: Hop, what: string, boundMs: number): CaduceusError {
  return new CaduceusError(
    'CAD-SSH-TIMEOUT',
    `${hopAddress(hop)} did not answer within ${boundMs / 1000} s (${what})`,
    'Look at the load of the device; then try again.',
  );
}

function linkRefused(host: string, url: string): CaduceusError {
  return new CaduceusError(
    'CAD-SSH-AUTH',
    `${host} waits until this was opened in a browser, and nobody did: ${url}`,
    'Open the link, sign in, then try again.',
  );
}
