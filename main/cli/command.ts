/** One command, from its words to its exit code: finds the verb, runs it, prints its document or its error. */
import type { ControlPlaneApi } from '../core/control-plane-api.ts';
import { type ErrorReport, reportError } from '../core/errors.ts';
import { ablate, compare } from './compare.ts';
import { cluster } from './cluster.ts';
import { demo } from './demo.ts';
import { deploy } from './deploy.ts';
import { devices } from './devices.ts';
import { exportModel } from './export-model.ts';
import { logs } from './logs.ts';
import { withOwnName } from './own-name.ts';
import { replay } from './replay.ts';
import { EXIT_INTERRUPTED } from './interrupt.ts';
import { report } from './report.ts';
import { runs } from './runs.ts';
import { serve } from './serve.ts';
import { simulate } from './simulate.ts';
import { stop, uninstall } from './stop.ts';
import { Terminal } from './terminal.ts';
import { train } from './train.ts';
import { helpOf, parseFlags, PartlyFailed, usageError, type Verb } from './verb.ts';

const VERBS: readonly Verb[] = [
  ...[demo, train, simulate, compare, ablate, cluster],
  ...[devices, deploy, stop, uninstall, logs],
  ...[runs, report, exportModel, replay, serve],
];

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

/** What a command has of the process that runs it. */
export interface CommandHost {
  /** For the document, the help and the version; what a verb says to a person goes to the process's own. */
  print(text: string): void;
  stderr: NodeJS.WriteStream;
  environment: NodeJS.ProcessEnv;
  /** Calls back when the process ends, with its exit code. */
  onExit(listener: (code: number) => void): void;
}

/** @returns the exit code */
export async function runCommand(args: string[], host: CommandHost): Promise<number> {
  const { print, environment } = host;
  const [name, ...rest] = args;
  const wantsJson = args.includes('--json');
  const terminal = new Terminal(host.stderr, environment);
  let controlPlane: ControlPlaneApi | undefined;
  let isAnswered = !wantsJson;
  const answer = (document: unknown): void => {
    if (!isAnswered) print(`${JSON.stringify(document)}\n`);
    isAnswered = true;
  };
  // Whoever asked for a document gets one, also when the program has to leave at once.
  host.onExit((code) => {
    if (code !== 0) answer({ error: leftAtOnce(code) });
  });
  try {
    if (name === undefined || name === 'help' || name === '--help') {
      print(`${overview()}\n`);
      return name === undefined ? EXIT_USAGE : 0;
    }
    if (name === '--version') {
      const { VERSION } = await import('../control-plane/version.ts');
      print(`${VERSION}\n`);
      return 0;
    }
    const verb = VERBS.find((candidate) => candidate.name === name);
    if (verb === undefined) throw usageError(`there is no verb "${name}"`);
    const { flags, positionals } = parseFlags(verb, rest);
    if (flags['help'] === true) {
      print(`${helpOf(verb)}\n`);
      return 0;
    }
    const document = await verb.run({
      flags,
      positionals,
      terminal,
      // Loaded when a verb is sure that it needs it: help and wrong flags are answered at once.
      async openControlPlane() {
        const { createControlPlane } = await import('../control-plane.ts');
        return (controlPlane ??= createControlPlane(environment, { warn: (text) => terminal.line(text) }));
      },
      answer,
    });
    if (document instanceof PartlyFailed) {
      const failure = named(document.error, environment);
      answer({ ...document.document, error: failure });
      tell(failure, terminal);
      return EXIT_FAILURE;
    }
    answer(document);
    return 0;
  } catch (error) {
    const failure = named(error, environment);
    answer({ error: failure });
    tell(failure, terminal);
    if (rest.includes('--verbose') && error instanceof Error) {
      for (const line of (error.stack ?? '').split('\n')) terminal.line(line);
    }
    if (failure.code === 'CAD-INTERRUPTED') return EXIT_INTERRUPTED;
    return failure.code === 'CAD-USAGE' ? EXIT_USAGE : EXIT_FAILURE;
  } finally {
    controlPlane?.close();
  }
}

function named(error: unknown, environment: NodeJS.ProcessEnv): ErrorReport {
  const reported = reportError(error);
  return { ...reported, remedy: withOwnName(reported.remedy, environment) };
}

function tell({ code, message, remedy }: ErrorReport, terminal: Terminal): void {
  terminal.endProgress();
  terminal.line(`${code}: ${message}`);
  terminal.line(remedy);
}

function leftAtOnce(code: number): ErrorReport {
  const remedy = '`caduceus runs` lists what was kept; go on with: caduceus train --resume RUN';
  if (code === EXIT_INTERRUPTED) {
    return { code: 'CAD-INTERRUPTED', message: 'the program was ended before the run had stopped', remedy };
  }
  return { code: 'CAD-INTERNAL', message: `the program ended with exit code ${code} and without an answer`, remedy };
}

function overview(): string {
  const width = Math.max(...VERBS.map((verb) => verb.name.length));
  return [
    'caduceus <verb> [flags]: train one model on many unequal machines',
    '',
    ...VERBS.map((verb) => `  ${verb.name.padEnd(width)}  ${verb.summary.split('\n')[0]}`),
    '',
    '`caduceus <verb> --help` lists the flags of a verb; `caduceus --version` tells the version.',
  ].join('\n');
}
