/** A verb of the command line: one file each, all of this shape. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { ControlPlaneApi } from '../core/control-plane-api.ts';
import { CaduceusError } from '../core/errors.ts';
import type { Terminal } from './terminal.ts';

export interface Flag {
  type: 'string' | 'boolean';
  /** Shown in the help, such as N or FILE; for strings. */
  value?: string;
  help: string;
  multiple?: boolean;
}

export type Flags = Readonly<Record<string, Flag>>;
export type FlagValues = Readonly<Record<string, string | boolean | string[] | undefined>>;

export interface Invocation {
  flags: FlagValues;
  positionals: string[];
  terminal: Terminal;
  /** Opened at the first call. @throws CAD-HOME-READONLY, CAD-STORE-CORRUPT */
  openControlPlane(): Promise<ControlPlaneApi>;
  /** Prints the document now, for a verb that goes on; what it returns in the end is not printed then. */
  answer(document: unknown): void;
}

export interface Verb {
  name: string;
  summary: string;
  /** Positional arguments in the usage line, such as `[RUN…]`. */
  operands?: string;
  /** What operands may be, where their name does not say it. */
  operandsHelp?: string;
  flags: Flags;
  /** Answers with the document that `--json` prints. Human output goes to the terminal on the way. */
  run(invocation: Invocation): Promise<unknown>;
}

/** What a verb answers with when it did something, but not all: the document is printed, and the exit code is not 0. */
export class PartlyFailed {
  readonly document: object;
  readonly error: CaduceusError;

  constructor(document: object, error: CaduceusError) {
    this.document = document;
    this.error = error;
  }
}

/** Flags that every verb takes. */
export const COMMON_FLAGS: Flags = {
  json: { type: 'boolean', help: 'Print one JSON document on standard output' },
  help: { type: 'boolean', help: 'Show this help' },
  verbose: { type: 'boolean', help: 'Show the trace of an unexpected error' },
};

/** @throws CAD-USAGE for a flag or operand that the verb does not take. */
export function parseFlags(verb: Verb, args: string[]): { flags: FlagValues; positionals: string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, flag] of Object.entries({ ...verb.flags, ...COMMON_FLAGS })) {
    options[name] = { type: flag.type, ...(flag.multiple && { multiple: true }) };
  }
  let parsed;
  try {
    parsed = parseArgs({ args: joinNegativeNumbers(args), options, allowPositionals: verb.operands !== undefined });
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split(/\.\s/)[0] ?? cause.message) : String(cause);
    throw usageError(message, verb.name, cause);
  }
  refuseSurplus(verb, parsed.positionals);
  return { flags: parsed.values as FlagValues, positionals: parsed.positionals };
}

/** One operand, unless the usage line says more with `…`. */
function refuseSurplus({ name, operands = '' }: Verb, positionals: readonly string[]): void {
  const [, surplus] = positionals;
  if (surplus !== undefined && !operands.includes('…')) throw usageError(`Unexpected argument '${surplus}'`, name);
}

/** `--alpha -1.3` means what it says: no flag of ours looks like a number. */
function joinNegativeNumbers(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const previous = joined.at(-1);
    const isValue = /^-[\d.]/.test(arg) && previous !== undefined && /^--[^=]+$/.test(previous);
    if (isValue) joined[joined.length - 1] = `${previous}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

export function usageError(message: string, verb?: string, cause?: unknown): CaduceusError {
  const help = verb === undefined ? 'caduceus --help' : `caduceus ${verb} --help`;
  return new CaduceusError('CAD-USAGE', message, `See \`${help}\`.`, cause);
}

export function textFlag(flags: FlagValues, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

export function textFlags(flags: FlagValues, name: string): string[] {
  const value = flags[name];
  return Array.isArray(value) ? value : [];
}

/** A flag that must read as a number. @throws CAD-USAGE. */
export function numberFlag(flags: FlagValues, name: string, verb: string): number | undefined {
  const text = textFlag(flags, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw usageError(`--${name} is not a number: "${text}"`, verb);
  return value;
}

export const RUN_HELP = 'RUN is the id of a run, its beginning, or latest, which it is when left out.';

export function helpOf(verb: Verb): string {
  const lines = [
    `caduceus ${verb.name}${verb.operands ? ` ${verb.operands}` : ''} [flags]`,
    '',
    `  ${verb.summary}`,
    ...(verb.operandsHelp === undefined ? [] : [`  ${verb.operandsHelp}`]),
    '',
  ];
  const flags = Object.entries({ ...verb.flags, ...COMMON_FLAGS });
  const left = flags.map(([name, { value }]) => `--${name}${value ? ` ${value}` : ''}`);
  const width = Math.max(...left.map((text) => text.length));
  flags.forEach(([, { help }], index) => lines.push(`  ${(left[index] as string).padEnd(width)}  ${help}`));
  return lines.join('\n');
}
