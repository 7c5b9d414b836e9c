/** `logs`: what the agent on a device says, from its newest lines on. */
import { answerQuestions } from './device-questions.ts';
import { onInterrupt } from './interrupt.ts';
import { printable } from '../core/plain-text.ts';
import { numberFlag, usageError, type Verb } from './verb.ts';

const DEFAULT_LINES = 100;
const MAX_LINES = 5000;

export const logs: Verb = {
  name: 'logs',
  summary: 'Show the log of the agent on a device.',
  operands: 'NAME',
  flags: {
    lines: { type: 'string', value: 'N', help: `Begin with the newest N lines (default ${DEFAULT_LINES})` },
    follow: { type: 'boolean', help: 'Go on until the agent ends or Ctrl-C' },
  },
  async run({ flags, positionals, terminal, openControlPlane }) {
    const [name] = positionals;
    if (name === undefined) throw usageError('name a device', 'logs');
    const lines = numberFlag(flags, 'lines', 'logs') ?? DEFAULT_LINES;
    if (!Number.isInteger(lines) || lines < 0 || lines > MAX_LINES) {
      throw usageError(`--lines takes a whole number from 0 to ${MAX_LINES}`, 'logs');
    }
    const follow = flags['follow'] === true;
    const wantsJson = flags['json'] === true;
    if (follow && wantsJson)
      throw usageError('--follow has no end that a document could have: leave --json out', 'logs');
    const { devices } = await openControlPlane();
    const device = devices.find(name);
    const shown: string[] = [];
    const stopAnswering = answerQuestions(devices, terminal);
    const reading = devices.logs(device.id, { lines, follow }, (line) => {
      if (wantsJson) shown.push(line);
      else process.stdout.write(`${printable(line)}\n`);
    });
    const stopListening = onInterrupt(() => reading.stop());
    try {
      await reading.whenDone;
    } finally {
      stopListening();
      stopAnswering();
    }
    return { device: device.name, lines: shown };
  },
};
