/** Proves what is installed on the device, starts it once, and hears what it says of itself and of its way to us. */
import { CaduceusError, type ErrorReport } from '../../core/errors.ts';
import type { SelfCheckFinding, SelfCheckRequest } from '../../core/self-check.ts';
import { z } from 'zod';
import type { Remote } from '../ssh/remote.ts';
import type { Installation } from './deployment.ts';
import { printable, refuseFailure, startFailure } from './device-failure.ts';
import { deviceProgram, deviceScript } from './device-program.ts';

export interface SelfCheckEvents {
  /** The files on the device are the ones that were sent: by their sums, or since nobody wrote to them after that. */
  onVerified?(proof: { by: 'sums' | 'seal'; seal: string }): void;
  onFinding?(finding: SelfCheckFinding): void;
}

const MAX_LINE_CHARACTERS = 16_384;
const MAX_SEAL_CHARACTERS = 2000;
const text = z.string().max(2000);
const count = z.number().finite();
const findingSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), node: text, architecture: text, platform: text, cores: count }),
  z.object({
    type: z.literal('reach'),
    host: text,
    port: count,
    tookMs: count,
    reason: text.optional(),
  }),
  z.object({ type: z.literal('engine'), engine: text, refused: z.array(text).max(8) }),
  z.object({ type: z.literal('benchmark'), engine: text, model: text, batch: count, samplesPerSecond: count }),
  z.object({ type: z.literal('failed'), error: z.object({ code: text, message: text, remedy: text }) }),
]);

/** @throws CAD-DEVICE-TAMPERED, CAD-DEVICE-SYSTEM, CAD-DEVICE-NOEXEC, CAD-ENGINE, CAD-SSH-… */
export async function selfCheck(
  remote: Remote,
  { directory, version, seal: known = '' }: Installation,
  { reach, engine, benchmark }: SelfCheckRequest,
  { timeoutMs, signal, onVerified, onFinding }: SelfCheckEvents & { timeoutMs: number; signal: AbortSignal },
): Promise<SelfCheckFinding[]> {
  const what = 'start the agent for its check';
  const findings: SelfCheckFinding[] = [];
  const words: string[] = [];
  let partial = '';
  let seal = '';
  const take = (line: string): void => {
    if (line.startsWith('sealed ')) seal = printable(line.slice('sealed '.length)).slice(0, MAX_SEAL_CHARACTERS);
    else if (/^verified (sums|seal)$/.test(line)) onVerified?.({ by: line.endsWith('seal') ? 'seal' : 'sums', seal });
    else if (line.startsWith('{')) {
      const finding = parseFinding(line);
      if (finding === undefined) return;
      findings.push(finding);
      onFinding?.(finding);
    } else words.push(line);
  };
  const result = await remote.run(deviceProgram('check'), {
    args: [directory, version, deviceScript('reach'), known],
    what,
    stdin: `${JSON.stringify(reach)}\n${engine ? JSON.stringify({ engine, benchmark }) : ''}\n`,
    timeoutMs,
    signal,
    onStdout: (chunk) => {
      const lines = (partial + chunk.toString('utf8')).split('\n');
      partial = (lines.pop() ?? '').slice(0, MAX_LINE_CHARACTERS);
      for (const line of lines) take(line);
    },
  });
  const failed = findings.find((finding) => finding.type === 'failed');
  if (failed) throw agentFailure(failed.error);
  const notStarted = findings.length === 0 ? startFailure(result) : undefined;
  if (notStarted) throw notStarted;
  if (result.code > 128 && !words.some((word) => word.startsWith('fail '))) {
    throw new CaduceusError(
      'CAD-DEVICE-SYSTEM',
      `the agent was ended by signal ${result.code - 128} on the device${SIGNALS[result.code - 128] ?? ''}`,
      'Look at the log of this step; a device with little memory or an old processor may not run it.',
    );
  }
  refuseFailure(words, result, what);
  return findings;
}

const SIGNALS: Readonly<Record<number, string>> = {
  4: ': its processor lacks an instruction (illegal instruction)',
  9: ': it was killed, most often for want of memory',
  11: ': it broke memory protection',
};

function parseFinding(line: string): SelfCheckFinding | undefined {
  try {
    return findingSchema.parse(JSON.parse(printable(line))) as SelfCheckFinding;
  } catch {
    return undefined; // not the agent's
  }
}

/** The device's word is text from elsewhere: only its message counts. */
function agentFailure({ message }: ErrorReport): CaduceusError {
  return new CaduceusError(
    'CAD-ENGINE',
    `the agent cannot train on the device: ${printable(message)}`,
    'Look at the log of this step for what became of each engine.',
  );
}
