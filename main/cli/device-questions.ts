/**
 * Answers the questions of devices from the terminal, one after the other. Without a terminal everything that was not
 * allowed by a flag is refused at once: a question that nobody sees must not hold anything up.
 */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { DeviceAnswer, DeviceQuestion, DevicesApi, DeviceView } from '../core/device.ts';
import { printable } from '../core/plain-text.ts';
import type { Terminal } from './terminal.ts';

export interface Allowed {
  /** Device → fingerprint of its new key, as the user wrote it. */
  trust?: ReadonlyMap<string, string>;
  replaceKey?: ReadonlyMap<string, string>;
}

/** Answers until the function it returns is called. */
export function answerQuestions(devices: DevicesApi, terminal: Terminal, allowed: Allowed = {}): () => void {
  const seen = new Set<string>();
  let last = Promise.resolve();
  const stop = devices.onChange((views) => {
    for (const view of views) {
      const { question } = view;
      if (question === null || seen.has(question.question)) continue;
      seen.add(question.question);
      last = last.then(async () => {
        const answer = await answerTo(view, question, terminal, allowed);
        try {
          devices.answer(view.id, answer);
        } catch {
          // It was taken back meanwhile.
        }
      });
    }
  });
  return stop;
}

async function answerTo(
  device: DeviceView,
  question: DeviceQuestion,
  terminal: Terminal,
  { trust, replaceKey }: Allowed,
): Promise<DeviceAnswer> {
  const refuse: DeviceAnswer = { kind: 'refuse', question: question.question };
  const say = (text: string): void => terminal.line(`${device.name}: ${text}`);
  switch (question.kind) {
    case 'trust': {
      const { fingerprint, keyType, host, knownToTailnet, checkCommand } = question;
      const wanted = trust?.get(device.id);
      const yes: DeviceAnswer = { kind: 'trust', question: question.question, fingerprint };
      if (wanted !== undefined) return wanted === fingerprint ? yes : refuse;
      say(
        `${host} shows the host key ${keyType} ${fingerprint}${knownToTailnet ? ', which the tailnet lists for it' : ''}`,
      );
      say(`to compare, run on the device: ${checkCommand}`);
      return (await ask('Trust it? (yes/no) ')) === 'yes' ? yes : refuse;
    }
    case 'key-changed': {
      const { fingerprint } = question;
      const isAllowed = replaceKey?.get(device.id) === fingerprint;
      return isAllowed ? { kind: 'replace-key', question: question.question, fingerprint } : refuse;
    }
    case 'secret': {
      say(question.prompt);
      const value = await ask(`${question.isShown ? 'Answer' : 'Answer (not shown)'}: `, !question.isShown);
      if (value === undefined) return refuse;
      return { kind: 'secret', question: question.question, value, remember: false };
    }
    case 'open-url':
      say(`waits until you have opened ${question.url}`);
      // Taken back by itself when the device goes on.
      return new Promise(() => undefined);
  }
}

/** Undefined without a terminal, or at its end. */
async function ask(prompt: string, isHidden = false): Promise<string | undefined> {
  if (process.stdin.isTTY !== true) return undefined;
  let isMuted = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!isMuted) process.stderr.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  return new Promise((resolve) => {
    lines.once('close', () => resolve(undefined));
    lines.question(printable(prompt), (answer) => {
      resolve(answer);
      if (isHidden) process.stderr.write('\n');
      lines.close();
    });
    isMuted = isHidden;
  });
}
