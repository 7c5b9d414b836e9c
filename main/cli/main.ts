/** The command line as a program: one command with the streams, the environment and the exit code of this process. */
import { runCommand } from './command.ts';

process.stdout.on('error', () => undefined); // nobody reads any more
process.exitCode = 1; // what it is when the command never ends
const ending = runCommand(process.argv.slice(2), {
  print: (text) => void process.stdout.write(text),
  stderr: process.stderr,
  environment: process.env,
  onExit: (listener) => void process.once('exit', listener),
});
void ending.then((code) => (process.exitCode = code));
