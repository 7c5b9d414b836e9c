/**
 * How a program gets to run on a device whose login shell may be anything, and may print anything.
 *
 * The login shell is given one line, the same for every program, made of what all shells read alike. It starts
 * `/bin/sh`, which says a random mark and its process on both of its outputs and then reads the program from standard input up to a
 * line with the mark. We send the program — and later its data, a secret among it — only after we have seen the mark:
 * what a start-up file put in the shell's place never gets to read it. And since programs and arguments travel as
 * data, they never show in the device's list of processes.
 */
import { randomBytes } from 'node:crypto';
import { type Argument, quote } from './quote.ts';

const MARK_BYTES = 16;
/** The last resort for a login without a useful PATH; what the user has comes first. */
const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';
/** Exit code of the bootstrap when the connection was cut inside the program. */
const CUT_SHORT = 97;
/** From being asked to end until being ended. */
const GRACE_S = 1;

/**
 * Single quotes around text without `'`, `!`, `\\` or a line end: sh, bash, dash, zsh, busybox, fish and tcsh agree on
 * that. `read` takes a byte at a time from a pipe, so it leaves the data behind the mark for the program.
 */
const BOOTSTRAP = [
  `LC_ALL=C;PATH=$PATH:${SYSTEM_PATH};export LC_ALL PATH;unset ENV BASH_ENV CDPATH;umask 077`,
  `n=$(printf "\\nx");n=\${n%x};p=`,
  `printf "%s<%s;" "$1" "$$";printf "%s<%s;" "$1" "$$" >&2`,
  `while :;do IFS= read -r l||exit ${CUT_SHORT};case $l in "$1")break;;esac;p=$p$l$n;done`,
  `eval "$p"`,
].join(';');

export function makeMark(): string {
  return randomBytes(MARK_BYTES).toString('hex');
}

/** What the login shell is given. */
export function bootstrapCommand(mark: string): string {
  return `exec /bin/sh -c '${BOOTSTRAP}' caduceus ${mark}`;
}

/**
 * Ends a program with all of its children: sshd gives every session a process group of its own, and the shell of the
 * program leads it. (The protocol has signals, but many servers ignore them, and none can be sent behind the end of
 * standard input.)
 */
export function endingCommand(process: number): string {
  const group = `-- -${process}`;
  return `exec /bin/sh -c 'kill -s TERM ${group}&&sleep ${GRACE_S}&&kill -s KILL ${group}'`;
}

/** What is sent once the mark was seen: a program that says where its output ends, and with which exit code. */
export function boundedProgram(program: string, args: readonly Argument[], mark: string): Buffer {
  const tail = `\n)\nset -- "$?"\nprintf '%s>%s;' ${mark} "$1"\nprintf '%s>%s;' ${mark} "$1" >&2\n${mark}\n`;
  return Buffer.concat([Buffer.from('(\n'), withArguments(program, args), Buffer.from(tail)]);
}

/** The same for one whose output has no end but its own. */
export function openProgram(program: string, args: readonly Argument[], mark: string): Buffer {
  return Buffer.concat([withArguments(program, args), Buffer.from(`\n${mark}\n`)]);
}

function withArguments(program: string, args: readonly Argument[]): Buffer {
  const words = args.flatMap((argument) => [Buffer.from(' '), quote(argument)]);
  return Buffer.concat([Buffer.from('set --'), ...words, Buffer.from(`\n${program}`)]);
}
