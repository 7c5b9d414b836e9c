/**
 * The server asks, in words of its own. They are untrusted: the password goes to the first prompt only, and only if it is
 * the single one of its round and hides what is typed; everything else is for a person to see and answer, within bounds.
 */
import type { KeyboardInteractiveAuthMethod, Prompt } from 'ssh2';
import { CaduceusError } from '../../core/errors.ts';
import { oneLine } from '../../core/plain-text.ts';
import type { SecretKeeper, SecretRequest } from '../secrets/secret-keeper.ts';

const MAX_ROUNDS = 4;
const MAX_PROMPTS = 4;
const MAX_PROMPT_CHARACTERS = 300;

export interface KeyboardInteractiveParts {
  user: string;
  host: string;
  password: SecretRequest;
  secrets: SecretKeeper;
  ask(request: SecretRequest): Promise<string | undefined>;
  askAnswer(prompt: string, isShown: boolean): Promise<string | undefined>;
  onPrompts(): void;
  onAnswered(): void;
  /** The user does not want to answer. */
  notGiven(): void;
  fail(error: Error): void;
}

export class KeyboardInteractive {
  readonly #parts: KeyboardInteractiveParts;
  #rounds = 0;
  #hasSentPassword = false;

  constructor(parts: KeyboardInteractiveParts) {
    this.#parts = parts;
  }

  get hasSentPassword(): boolean {
    return this.#hasSentPassword;
  }

  method(): KeyboardInteractiveAuthMethod {
    return {
      type: 'keyboard-interactive',
      username: this.#parts.user,
      prompt: (name, instructions, _language, prompts, finish) => {
        this.#parts.onPrompts();
        this.#answers(`${name} ${instructions}`, prompts).then(
          (answers) => {
            if (answers === undefined) return this.#parts.notGiven();
            this.#parts.onAnswered();
            finish(answers);
          },
          (error: Error) => this.#parts.fail(error),
        );
      },
    };
  }

  async #answers(heading: string, prompts: readonly Prompt[]): Promise<string[] | undefined> {
    this.#rounds++;
    const { host } = this.#parts;
    if (this.#rounds > MAX_ROUNDS || prompts.length > MAX_PROMPTS) {
      throw new CaduceusError(
        'CAD-SSH-AUTH',
        `${host} asks more questions than a login needs`,
        'This is not how a healthy device behaves: do not type a password there before you have looked at it.',
      );
    }
    const [only] = prompts;
    if (this.#rounds === 1 && prompts.length === 1 && only?.echo === false) {
      const password = await this.#password(only.prompt);
      return password === undefined ? undefined : [password];
    }
    const answers: string[] = [];
    for (const { prompt, echo } of prompts) {
      const words = oneLine(`${heading} ${prompt}`, MAX_PROMPT_CHARACTERS);
      const answer = await this.#parts.askAnswer(words, echo === true);
      if (answer === undefined) return undefined;
      answers.push(answer);
    }
    return answers;
  }

  async #password(prompt: string): Promise<string | undefined> {
    const { password, secrets, ask, host } = this.#parts;
    const words = `${oneLine(prompt, MAX_PROMPT_CHARACTERS)} (${host})`;
    const value = (await secrets.known(password)) ?? (await ask({ ...password, prompt: words }));
    if (value === undefined) return undefined;
    this.#hasSentPassword = true;
    return value;
  }
}
