/**
 * `npm run testbed -- <verb>`: devices on this host to deploy to, over real SSH, without hardware.
 * Linux and root. With --json exactly one document on standard output; progress goes to standard error.
 */
import { parseArgs } from 'node:util';
import { CaduceusError, reportError } from '../main/core/errors.ts';
import { accessOf } from './testbed/access-files.ts';
import { defaultDirectory } from './testbed/bed-directory.ts';
import { shellPath } from './testbed/login-shells.ts';
import { LEVELS, applyShares, playSchedule, ROUTINE, sharesOfLevel, speedSchedule } from './testbed/speed-schedule.ts';
import { statusOf } from './testbed/status.ts';
import { openTestbed, startTestbed, stopAllTestbeds, stopTestbed, type TestbedOptions } from './testbed/testbed.ts';
import { requireTestbedHost } from './testbed/requirements.ts';

const HELP = `npm run testbed -- <verb> [flags]: unequal devices on this host, reached over real SSH

  up       builds the bed and turns its devices on
    --devices N       how many (all of the preset; 4 without one)
    --preset NAME     speeds and links of a cluster in resources/clusters, or of a file: hermes-6, omnilearn-hl8, …
    --cores N         cores for all devices together (three quarters of this host's)
    --latency         connections take as long as the preset's links; a process for each device
    --with-node       devices have this host's Node; otherwise they have none
    --shell NAME      login shell of every device: sh, bash, dash, zsh, fish, tcsh, busybox or a path
  status   what is up, what is emulated and what is not
  hl       OmniLearn's routine: changes the speeds while workers train, until Ctrl-C
    --level N         one level and no routine: ${LEVELS.join(', ')} (most cores over fewest)
    --preset NAME     the schedule of another cluster (${ROUTINE})
    --tempo X         X times as fast
    --cycles N        so often, then end
  down     takes it away; nothing of it is left
    --all             every bed of this host

  --state DIRECTORY   where the bed keeps its state (${defaultDirectory()})
  --json              one JSON document on standard output`;

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

const FLAGS = {
  devices: { type: 'string' },
  preset: { type: 'string' },
  cores: { type: 'string' },
  shell: { type: 'string' },
  'with-node': { type: 'boolean' },
  latency: { type: 'boolean' },
  level: { type: 'string' },
  tempo: { type: 'string' },
  cycles: { type: 'string' },
  all: { type: 'boolean' },
  state: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

type Flags = ReturnType<typeof parse>['values'];

function parse(args: string[]) {
  return parseArgs({ args, options: FLAGS, allowPositionals: true });
}

const VERBS: Record<string, (flags: Flags) => Promise<unknown>> = { up, status, hl, down };

async function up(flags: Flags): Promise<unknown> {
  const options: TestbedOptions = {
    directory: directoryOf(flags),
    ...(flags.devices !== undefined && { devices: numberOf('devices', flags.devices) }),
    ...(flags.preset !== undefined && { preset: flags.preset }),
    ...(flags.cores !== undefined && { cores: numberOf('cores', flags.cores) }),
    ...(flags.shell !== undefined && { shell: shellPath(flags.shell) }),
    withNode: flags['with-node'] ?? false,
    withLatency: flags.latency ?? false,
  };
  const testbed = await startTestbed(options);
  for (const { name, address, user, plan } of testbed.devices) {
    say(`${name.padEnd(12)} ${user}@${address}  ${percent(plan.cpuShare)} of a core`);
  }
  say(`The server's address for them: ${testbed.hostAddress}`);
  say(`Log in with OpenSSH: ssh -F ${quoted(testbed.sshConfig)} ${testbed.devices[0]?.name}`);
  say('Train on them:');
  say(`  npm run -s caduceus -- devices import ${quoted(testbed.csv)}`);
  say('  npm run -s caduceus -- deploy --all --accept-new');
  say('  npm run -s caduceus -- train --policy hermes --workers all');
  say(`Take them away: npm run testbed -- down${flags.state === undefined ? '' : ` --state ${quoted(flags.state)}`}`);
  for (const what of testbed.state.missing) say(`Not here: ${what}`);
  const { directory, hostAddress, sshConfig, knownHosts, csv } = testbed;
  return { directory, hostAddress, sshConfig, knownHosts, csv, devices: testbed.devices.map(accessOf) };
}

async function status(flags: Flags): Promise<unknown> {
  requireTestbedHost();
  const found = await statusOf(openTestbed(directoryOf(flags)));
  say(`${found.isComplete ? 'Up' : 'Not complete'}: ${found.devices.length} devices in ${found.directory}`);
  for (const { name, address, isOn, processes, cpuShare, upBitsPerSecond, downBitsPerSecond } of found.devices) {
    const speed = cpuShare === null ? 'no quota' : `${percent(cpuShare)} of a core`;
    const link = `up ${rate(upBitsPerSecond)}, down ${rate(downBitsPerSecond)}`;
    say(`${name.padEnd(12)} ${address.padEnd(14)} ${isOn ? 'on' : 'off'}  ${processes} processes  ${speed}  ${link}`);
  }
  for (const line of found.emulated) say(`Emulated:      ${line}`);
  for (const line of found.notEmulated) say(`Not emulated:  ${line}`);
  return found;
}

async function hl(flags: Flags): Promise<unknown> {
  requireTestbedHost();
  const testbed = openTestbed(directoryOf(flags));
  const named = (shares: readonly number[]) =>
    Object.fromEntries(testbed.devices.map(({ name }, index) => [name, shares[index]]));
  if (flags.level !== undefined) {
    const shares = sharesOfLevel(testbed, numberOf('level', flags.level));
    applyShares(testbed, shares);
    say(`Level ${flags.level}: ${shares.map(percent).join(', ')}`);
    return { level: Number(flags.level), cores: named(shares) };
  }
  const schedule = speedSchedule(testbed, flags.preset);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  let changes = 0;
  await playSchedule(testbed, schedule, {
    tempo: flags.tempo === undefined ? 1 : numberOf('tempo', flags.tempo),
    ...(flags.cycles !== undefined && { cycles: numberOf('cycles', flags.cycles) }),
    signal: stop.signal,
    onChange({ shares }, cycle) {
      changes += 1;
      say(`cycle ${cycle + 1}: ${shares.map(percent).join(', ')}`);
    },
  });
  say('The devices have their planned speeds again.');
  return { preset: schedule.preset, changes };
}

async function down(flags: Flags): Promise<unknown> {
  if (flags.all === true) {
    const directories = await stopAllTestbeds();
    say(directories.length === 0 ? 'No test bed was up.' : `Taken down: ${directories.join(', ')}`);
    return { directories };
  }
  const directory = directoryOf(flags);
  await stopTestbed(directory);
  say(`Taken down: ${directory}`);
  return { directories: [directory] };
}

function directoryOf(flags: Flags): string {
  return flags.state ?? defaultDirectory();
}

function numberOf(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0)) throw usage(`--${flag} ${text} is not a positive number`);
  return value;
}

function usage(message: string): CaduceusError {
  return new CaduceusError('CAD-USAGE', message, 'See npm run testbed -- --help.');
}

/** For a shell to paste. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function rate(bitsPerSecond: number | null): string {
  return bitsPerSecond === null ? 'uncapped' : `${bitsPerSecond / 1e6} Mbit/s`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function main(args: string[]): Promise<number> {
  const wantsJson = args.includes('--json');
  try {
    let parsed;
    try {
      parsed = parse(args);
    } catch (error) {
      throw usage(error instanceof Error ? error.message : String(error));
    }
    const { values, positionals } = parsed;
    if (values.help === true || positionals.length === 0) {
      process.stdout.write(`${HELP}\n`);
      return values.help === true ? 0 : EXIT_USAGE;
    }
    const [name = '', ...more] = positionals;
    const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
    if (verb === undefined || more.length > 0) throw usage(`there is no verb "${positionals.join(' ')}"`);
    const document = await verb(values);
    if (wantsJson) process.stdout.write(`${JSON.stringify(document)}\n`);
    return 0;
  } catch (error) {
    const failure = reportError(error);
    say(`${failure.code}: ${failure.message}`);
    say(failure.remedy);
    if (wantsJson) process.stdout.write(`${JSON.stringify({ error: failure })}\n`);
    return failure.code === 'CAD-USAGE' ? EXIT_USAGE : EXIT_FAILURE;
  }
}

process.exitCode = await main(process.argv.slice(2));
