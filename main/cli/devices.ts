/** `devices`: the inventory, and which host keys are trusted. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DeviceInput, DevicesApi, DeviceView, Discovery } from '../core/device.ts';
import { CaduceusError } from '../core/errors.ts';
import { answerQuestions, type Allowed } from './device-questions.ts';
import * as format from './format.ts';
import { printable } from '../core/plain-text.ts';
import type { Terminal } from './terminal.ts';
import { type FlagValues, numberFlag, textFlag, textFlags, usageError, type Verb } from './verb.ts';

interface Call {
  devices: DevicesApi;
  flags: FlagValues;
  operands: string[];
  terminal: Terminal;
  /** A line of the plain answer. */
  say(text: string): void;
}

interface SubVerb {
  operands: string;
  summary: string;
  /** How many operands it takes. */
  takes: 'none' | 'one' | 'some';
  flags: readonly string[];
  run(call: Call): unknown;
}

const SETTINGS = ['name', 'port', 'user', 'key', 'jump', 'work-dir', 'tag', 'cpu', 'memory'] as const;

const SUB_VERBS: Readonly<Record<string, SubVerb>> = {
  list: { operands: '', summary: 'what is in the inventory', takes: 'none', flags: [], run: list },
  add: {
    operands: '[NAME=][USER@]ADDRESS[:PORT]…',
    summary: 'by address or host name',
    takes: 'some',
    flags: SETTINGS,
    run: add,
  },
  import: {
    operands: 'FILE',
    summary: 'a list, JSON or CSV with a header; - reads standard input',
    takes: 'one',
    flags: [],
    run: importFile,
  },
  discover: {
    operands: '',
    summary: 'what the tailnet or ~/.ssh/config knows',
    takes: 'none',
    flags: ['from', 'add'],
    run: discover,
  },
  show: { operands: 'DEVICE', summary: 'everything that is known of a device', takes: 'one', flags: [], run: show },
  set: {
    operands: 'DEVICE',
    summary: 'change its settings; it is told by its host key at a new address, too',
    takes: 'one',
    flags: [...SETTINGS, 'address'],
    run: set,
  },
  remove: {
    operands: 'DEVICE…',
    summary: 'forget devices; what is installed on them stays',
    takes: 'some',
    flags: [],
    run: remove,
  },
  trust: {
    operands: 'DEVICE…',
    summary: 'ask for host keys and trust them',
    takes: 'some',
    flags: ['fingerprint', 'accept-new'],
    run: trust,
  },
  'replace-key': {
    operands: 'DEVICE',
    summary: 'trust the new key of a reinstalled device, named by its fingerprint',
    takes: 'one',
    flags: ['fingerprint'],
    run: replaceKey,
  },
};

const USAGE = Object.entries(SUB_VERBS)
  .map(([name, { operands, summary }]) => `${name}${operands === '' ? '' : ` ${operands}`}: ${summary}`)
  .join('\n  ');

export const devices: Verb = {
  name: 'devices',
  summary: `Machines to train on, and their host keys.\n\n  ${USAGE}`,
  operands: '[list|add|import|discover|show|set|remove|trust|replace-key] [DEVICE…]',
  flags: {
    name: { type: 'string', value: 'NAME', help: 'A name for the device (default: from its address)' },
    address: { type: 'string', value: 'HOST', help: 'New address of the device' },
    port: { type: 'string', value: 'N', help: 'SSH port (default 22, or as the ssh configuration says)' },
    user: { type: 'string', value: 'USER', help: 'User on the device (default: as the ssh configuration says)' },
    key: { type: 'string', value: 'FILE', help: 'Private key on this machine; it is never copied' },
    jump: {
      type: 'string',
      value: 'HOST',
      multiple: true,
      help: 'Device or user@host:port to go through; can be repeated',
    },
    'work-dir': { type: 'string', value: 'PATH', help: 'Directory on the device (default ~/.caduceus)' },
    tag: { type: 'string', value: 'TAG', multiple: true, help: 'Group that it belongs to; can be repeated' },
    cpu: { type: 'string', value: 'PERCENT', help: 'CPU that the agent may use, in percent of one core' },
    memory: { type: 'string', value: 'MIB', help: 'Memory that the agent may use, in MiB' },
    from: { type: 'string', value: 'WHERE', help: 'Where to discover: tailnet or ssh-config' },
    add: { type: 'boolean', help: 'Add what was discovered and has nothing against it' },
    'accept-new': { type: 'boolean', help: 'Trust keys of devices seen for the first time; a changed key never' },
    fingerprint: { type: 'string', value: 'SHA256:…', help: 'The key that is meant, as the device itself prints it' },
  },
  async run({ flags, positionals, terminal, openControlPlane }) {
    const [name = 'list', ...operands] = positionals;
    const subVerb = Object.hasOwn(SUB_VERBS, name) ? SUB_VERBS[name] : undefined;
    if (subVerb === undefined) throw usageError(`devices has no "${name}"`, 'devices');
    refuseMisuse(name, subVerb, operands, flags);
    const isJson = flags['json'] === true;
    const say = (text: string): void => void (isJson || process.stdout.write(`${printable(text)}\n`));
    return subVerb.run({ devices: (await openControlPlane()).devices, flags, operands, terminal, say });
  },
};

function refuseMisuse(
  name: string,
  { takes, flags: allowed }: SubVerb,
  operands: readonly string[],
  flags: FlagValues,
): void {
  const common = ['json', 'help', 'verbose'];
  const odd = Object.keys(flags).find((flag) => !allowed.includes(flag) && !common.includes(flag));
  if (odd !== undefined) throw usageError(`devices ${name} takes no --${odd}`, 'devices');
  if (takes === 'none' ? operands.length > 0 : operands.length === 0 || (takes === 'one' && operands.length > 1)) {
    throw usageError(
      `devices ${name} takes ${{ none: 'no operand', one: 'one operand', some: 'one operand or more' }[takes]}`,
      'devices',
    );
  }
}

function list({ devices: api, say }: Call): unknown {
  const all = api.list();
  if (all.length === 0) say('No devices yet. Add one: caduceus devices add ADDRESS');
  else {
    const head = ['name', 'state', 'address', 'tags', 'system', 'last seen (UTC)', 'host key'];
    for (const line of format.columns([head, ...all.map(rowOf)])) say(line);
  }
  return { devices: all };
}

function rowOf({ name, state, address, port, tags, facts, lastSeenAt, trust: key }: DeviceView): string[] {
  const unknown = '–';
  return [
    name,
    state,
    port === 22 ? address : `${address}:${port}`,
    tags.join(' ') || unknown,
    facts === null ? unknown : `${facts.system} ${facts.architecture}`,
    lastSeenAt?.slice(0, 16).replace('T', ' ') ?? 'never',
    key === null ? unknown : `${key.fingerprint.slice(0, 15)}…`,
  ];
}

function add({ devices: api, flags, operands, say }: Call): unknown {
  if (operands.length > 1 && flags['name'] !== undefined) throw usageError('--name goes with one address', 'devices');
  const settings = settingsFrom(flags);
  const added = api.add(operands.map((operand) => ({ ...settings, ...addressFrom(operand) })));
  for (const { name, address } of added) say(`Added ${name} (${address}).`);
  return { devices: added };
}

/** `name=user@host:port`, each part but the host optional. */
function addressFrom(operand: string): DeviceInput {
  const named = /^([^=@]+)=(.*)$/.exec(operand);
  if (named !== null) return { ...addressFrom(named[2] ?? ''), name: named[1] };
  const [, user, bracketed, host, port] =
    /^(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:]+|[^:]*:[^:]*:.*))(?::(\d+))?$/.exec(operand) ?? [];
  const address = bracketed ?? host ?? operand;
  return { address, ...(user !== undefined && { user }), ...(port !== undefined && { port: Number(port) }) };
}

function importFile({ devices: api, operands: [file = ''], say }: Call): unknown {
  const added = api.importList(contentOf(file));
  say(`Added ${added.length} ${added.length === 1 ? 'device' : 'devices'}.`);
  return { devices: added };
}

function contentOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new CaduceusError(
      'CAD-DEVICE-INVALID',
      `the list cannot be read: ${(error as Error).message}`,
      'Check the path.',
      error,
    );
  }
}

async function discover({ devices: api, flags, say }: Call): Promise<unknown> {
  const from = textFlag(flags, 'from');
  if (from !== 'tailnet' && from !== 'ssh-config') throw usageError('--from takes tailnet or ssh-config', 'devices');
  const found = await api.discover(from);
  const rows = found.devices.map(({ input, known, online, system, path, note }) => [
    input.name ?? input.address,
    input.address,
    online === null ? 'unknown' : online ? 'online' : 'offline',
    system ?? '–',
    path?.kind ?? '–',
    known === null ? (note ?? '') : 'in the inventory',
  ]);
  const head = ['name', 'address', 'state', 'system', 'path', 'note'];
  for (const line of format.columns([head, ...rows])) say(line);
  for (const warning of found.warnings) say(`Passed over: ${warning}`);
  const added = flags['add'] === true ? api.add(worthAdding(found)) : [];
  if (flags['add'] === true) say(`Added ${added.length}.`);
  return { ...found, added };
}

function worthAdding({ source, devices: found }: Discovery): DeviceInput[] {
  const isReady = source === 'ssh-config' ? () => true : ({ online }: { online: boolean | null }) => online === true;
  const runsLinux = ({ system }: { system?: string }): boolean =>
    system === undefined || system === '' || system === 'linux';
  return found
    .filter((device) => device.known === null && isReady(device) && runsLinux(device))
    .map(({ input }) => input);
}

function show({ devices: api, operands: [wanted = ''], say }: Call): unknown {
  const device = api.find(wanted);
  const { name, id, state, address, port, user, trust: key, facts, deployment, benchmark, error } = device;
  say(`${name} (${id}): ${state}`);
  say(`  address     ${user === undefined ? '' : `${user}@`}${address}, port ${port}`);
  say(
    `  host key    ${key === null ? 'not trusted yet' : `${key.keyType} ${key.fingerprint}, trusted ${key.since.slice(0, 10)} (${key.by})`}`,
  );
  if (facts !== null) {
    const { system, architecture, cores, memoryBytes, model } = facts;
    const parts = [
      model,
      `${system} ${architecture}`,
      cores && `${cores} cores`,
      memoryBytes && format.bytes(memoryBytes),
    ];
    say(`  machine     ${parts.filter(Boolean).join(', ')}`);
  }
  say(
    `  deployed    ${deployment === null ? 'never' : `${deployment.version.slice(0, 12)}, ${deployment.deployedAt.slice(0, 10)}`}`,
  );
  if (benchmark !== null)
    say(`  speed       ${format.count(benchmark.samplesPerSecond)} samples/s of ${benchmark.model}`);
  if (error !== null) say(`  last error  ${error.code}: ${error.message}`);
  return { device };
}

function set({ devices: api, flags, operands: [wanted = ''], say }: Call): unknown {
  const address = textFlag(flags, 'address');
  const change = { ...settingsFrom(flags), ...(address !== undefined && { address }) };
  if (Object.keys(change).length === 0) throw usageError('say what to change, such as --user pi', 'devices');
  const device = api.update(wanted, change);
  say(`Changed ${device.name}.`);
  return { device };
}

function remove({ devices: api, operands, say }: Call): unknown {
  const gone = operands.map((operand) => api.find(operand));
  api.remove(gone.map(({ id }) => id));
  for (const { name } of gone) say(`Removed ${name}. What is installed on it stays.`);
  return { removed: gone };
}

async function trust(call: Call): Promise<unknown> {
  const { devices: api, flags, operands } = call;
  const fingerprint = textFlag(flags, 'fingerprint');
  if (fingerprint !== undefined && operands.length > 1)
    throw usageError('--fingerprint goes with one device', 'devices');
  const views = operands.map((operand) => api.find(operand));
  const wanted = new Map(fingerprint === undefined ? [] : views.map(({ id }) => [id, fingerprint] as const));
  return settleKeys(call, views, flags['accept-new'] === true, { trust: wanted });
}

async function replaceKey(call: Call): Promise<unknown> {
  const { devices: api, flags, operands } = call;
  const fingerprint = textFlag(flags, 'fingerprint');
  if (fingerprint === undefined) {
    throw usageError('devices replace-key needs --fingerprint, as the device itself prints it', 'devices');
  }
  const views = operands.map((operand) => api.find(operand));
  return settleKeys(call, views, false, { replaceKey: new Map(views.map(({ id }) => [id, fingerprint])) }, fingerprint);
}

/** Connects so far that the keys show, and further if they are good. @throws what stood against the first of them */
async function settleKeys(
  { devices: api, terminal, say }: Call,
  views: readonly DeviceView[],
  acceptNew: boolean,
  allowed: Allowed,
  fingerprint?: string,
): Promise<unknown> {
  const stop = answerQuestions(api, terminal, allowed);
  const summary = await api.probe(
    views.map(({ id }) => id),
    { acceptNew },
  );
  stop();
  const after = views.map(({ id }) => api.find(id));
  for (const [index, device] of after.entries()) {
    const error = summary.devices.find(({ id }) => id === device.id)?.error;
    const isGood = device.trust !== null && (fingerprint === undefined || device.trust.fingerprint === fingerprint);
    const isAboutKey = error?.code.startsWith('CAD-SSH-HOST-KEY') === true;
    if (error !== undefined && (isAboutKey || !isGood))
      throw new CaduceusError(error.code, error.message, error.remedy);
    if (device.trust === null) continue;
    const isNew = views[index]?.trust?.fingerprint !== device.trust.fingerprint;
    say(
      `${device.name}: ${isNew ? 'now trusts' : 'trusted already'} ${device.trust.keyType} ${device.trust.fingerprint}`,
    );
    if (error !== undefined) say(`${device.name}: but ${error.message}`);
  }
  return { devices: after };
}

/** From anywhere the same file; `~` stays, as in the ssh configuration. */
function keyPath(path: string | undefined): string | undefined {
  return path === undefined || path.startsWith('~') ? path : resolve(path);
}

function settingsFrom(flags: FlagValues): Partial<DeviceInput> {
  const caps = {
    cpuPercent: numberFlag(flags, 'cpu', 'devices'),
    memoryMiB: numberFlag(flags, 'memory', 'devices'),
  };
  const isGiven = ([, value]: [string, unknown]): boolean => value !== undefined;
  const given = {
    name: textFlag(flags, 'name'),
    port: numberFlag(flags, 'port', 'devices'),
    user: textFlag(flags, 'user'),
    keyFile: keyPath(textFlag(flags, 'key')),
    workDirectory: textFlag(flags, 'work-dir'),
    jump: flags['jump'] === undefined ? undefined : textFlags(flags, 'jump'),
    tags: flags['tag'] === undefined ? undefined : textFlags(flags, 'tag'),
    caps: Object.values(caps).some((cap) => cap !== undefined)
      ? Object.fromEntries(Object.entries(caps).filter(isGiven))
      : undefined,
  };
  return Object.fromEntries(Object.entries(given).filter(isGiven));
}
