/**
 * The inventory: every device, what is known of it, and what is going on with it right now. The store keeps the first
 * two; the last lives here. Whoever deploys or trains tells it what it found; whoever shows devices listens.
 */
import type { DeviceInput, DeviceQuestion, DeviceSettings, DeviceView, StepProgress } from '../core/device.ts';
import type { DeviceRecord, FoundOut } from '../core/device-record.ts';
import { CaduceusError } from '../core/errors.ts';
import { parseDevice, parseDeviceList } from './device-list.ts';
import { stateOf } from './device-state.ts';
import { parseJump } from './ssh/resolve.ts';
import { fingerprintOf } from './trust/host-key.ts';
import type { HostKeyStore } from './trust/host-key-store.ts';

const MAX_DEVICES = 1000;
/** Ten times a second. */
const NOTIFY_EVERY_MS = 100;
/** How late those who listen learn of what another process of this user has changed. */
const LOOK_EVERY_MS = 1000;
const SHOWN_NAMES = 8;
const ID_CHARACTERS = 'abcdefghijkmnpqrstuvwxyz23456789';
const ID_LENGTH = 8;

export interface DeviceStore extends HostKeyStore {
  version(): number;
  list(): DeviceRecord[];
  put(records: readonly DeviceRecord[]): void;
  delete(ids: readonly string[]): void;
}

/** What is going on, gone with the program. */
export interface DeviceActivity {
  steps?: StepProgress[] | null;
  activity?: 'deploying' | 'training' | null;
  run?: string | null;
}

export interface InventoryParts {
  store: DeviceStore;
  questionOf(device: string): DeviceQuestion | null;
  now(): Date;
  /** Draws from [0, 1). */
  random(): number;
}

export class Inventory {
  readonly #parts: InventoryParts;
  readonly #activities = new Map<string, DeviceActivity>();
  readonly #removed = new Map<string, DeviceRecord>();
  readonly #listeners = new Set<(devices: DeviceView[]) => void>();
  #records: DeviceRecord[];
  #version: number;
  #timer: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  #lastNotifiedMs = -Infinity;

  constructor(parts: InventoryParts) {
    this.#parts = parts;
    this.#records = parts.store.list();
    this.#version = parts.store.version();
  }

  list(): DeviceView[] {
    this.#refresh();
    return this.#records.map((record) => this.#view(record));
  }

  /** @param wanted an identifier, a name, an address, or the beginning of exactly one of these. */
  find(wanted: string): DeviceView {
    return this.#view(this.#record(wanted));
  }

  /** Identifiers, names, or `tag:…`; each device once, in the order of the inventory. @throws CAD-DEVICE-UNKNOWN */
  select(wanted: readonly string[]): DeviceView[] {
    this.#refresh();
    const chosen = new Set<string>();
    for (const word of wanted) {
      const tag = word.startsWith('tag:') ? word.slice(4) : undefined;
      const tagged = this.#records.filter(({ settings }) => tag !== undefined && settings.tags.includes(tag));
      if (tag !== undefined && tagged.length === 0) throw this.#unknown(word, []);
      for (const { id } of tag === undefined ? [this.#record(word)] : tagged) chosen.add(id);
    }
    return this.#records.filter(({ id }) => chosen.has(id)).map((record) => this.#view(record));
  }

  settings(device: string): DeviceSettings & { name: string } {
    return this.#record(device).settings;
  }

  /** The settings of a device by its exact name: what a jump host may be. */
  named(name: string): DeviceSettings | undefined {
    this.#refresh();
    return this.#records.find(({ settings }) => settings.name === name)?.settings;
  }

  add(inputs: readonly DeviceInput[]): DeviceView[] {
    return this.#addAll(inputs.map((input) => ({ input })));
  }

  importList(text: string): DeviceView[] {
    return this.#addAll(parseDeviceList(text));
  }

  update(device: string, change: Partial<DeviceInput>): DeviceView {
    const record = this.#record(device);
    const merged = parseDevice({ ...record.settings, ...change });
    const settings = named(saidPort(merged, change), record.settings.name);
    const others = this.#records.filter(({ id }) => id !== record.id);
    refuseTaken(settings, others);
    this.#checkJumps(settings, [...others, { ...record, settings }]);
    const { endpoint, ...found } = record.found;
    const isSamePlace = settings.address === record.settings.address && settings.port === record.settings.port;
    if (!isSamePlace) this.#takeKeysAlong(endpointOf(record), settings);
    this.#put([{ ...record, settings, found: { ...found, ...(isSamePlace && endpoint && { endpoint }) } }]);
    return this.find(record.id);
  }

  /** @throws CAD-DEVICE-UNKNOWN, CAD-DEVICE-BUSY */
  remove(devices: readonly string[]): void {
    const records = devices.map((device) => this.#record(device));
    for (const { id, settings } of records) {
      if (this.#activities.get(id)?.activity) throw busy(settings.name);
    }
    this.#parts.store.delete(records.map(({ id }) => id));
    for (const record of records) {
      this.#removed.set(record.id, record);
      this.#activities.delete(record.id);
    }
    this.#reload();
  }

  /** Devices removed since the program started, by identifier or name. @throws CAD-DEVICE-UNKNOWN, CAD-DEVICE-EXISTS */
  restore(devices: readonly string[]): void {
    this.#refresh();
    const records = devices.map((device) => {
      const found = [...this.#removed.values()].find(({ id, settings }) => id === device || settings.name === device);
      if (found === undefined) throw this.#unknown(device, []);
      refuseTaken(found.settings, this.#records);
      return found;
    });
    this.#parts.store.put(records);
    for (const { id } of records) this.#removed.delete(id);
    this.#reload();
  }

  /** What was found out; `undefined` forgets. A device that let something be found out was seen. */
  found(device: string, found: { [K in keyof FoundOut]?: FoundOut[K] | undefined }, wasSeen = true): void {
    const record = this.#record(device);
    const lastSeenAt = wasSeen ? this.#parts.now().toISOString() : record.lastSeenAt;
    const merged = Object.entries({ ...record.found, ...found }).filter(([, value]) => value !== undefined);
    this.#put([{ ...record, lastSeenAt, found: Object.fromEntries(merged) }]);
  }

  /** What is going on with it; only what is named changes. */
  going(device: string, activity: DeviceActivity): void {
    const { id } = this.#record(device);
    this.#activities.set(id, { ...this.#activities.get(id), ...activity });
    this.changed();
  }

  onChange(listener: (devices: DeviceView[]) => void): () => void {
    this.#listeners.add(listener);
    // The command line may add devices while a window is open: a store cannot call, so it is looked at.
    this.#look ??= setInterval(() => this.#lookAgain(), LOOK_EVERY_MS).unref();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stopLooking();
    };
  }

  /** Tells the listeners soon, and not too often. */
  changed(): void {
    if (this.#timer !== undefined || this.#listeners.size === 0) return;
    const waitMs = Math.max(0, this.#lastNotifiedMs + NOTIFY_EVERY_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#lastNotifiedMs = performance.now();
      const devices = this.list();
      for (const listener of this.#listeners) listener(devices);
    }, waitMs);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#stopLooking();
    this.#listeners.clear();
  }

  #stopLooking(): void {
    clearInterval(this.#look);
    this.#look = undefined;
  }

  #addAll(entries: readonly { input: unknown; where?: string }[]): DeviceView[] {
    this.#refresh();
    const records = [...this.#records];
    const added: DeviceRecord[] = [];
    for (const { input, where } of entries) {
      const parsed = saidPort(parseDevice(input, where), input);
      const settings = named(parsed, parsed.name ?? freeName(parsed.address, records));
      refuseTaken(settings, records, where);
      const record = {
        ...{ id: this.#freshId(), settings, lastSeenAt: null, found: {} },
        addedAt: this.#parts.now().toISOString(),
      };
      records.push(record);
      added.push(record);
    }
    if (records.length > MAX_DEVICES) throw full();
    for (const { settings } of added) this.#checkJumps(settings, records);
    this.#put(added);
    return added.map(({ id }) => this.find(id));
  }

  /** A device is who its key says, wherever it is: another machine at the new address shows as a changed key. */
  #takeKeysAlong(before: { host: string; port: number }, { address, port }: DeviceSettings): void {
    const { store } = this.#parts;
    if (store.find(address, port).length > 0) return;
    for (const { keyType, key, by } of store.find(before.host, before.port)) {
      store.trust({ address, port, keyType, key, by });
    }
  }

  #checkJumps({ name, jump }: DeviceSettings, records: readonly DeviceRecord[]): void {
    for (const hop of jump) {
      if (hop === name)
        throw new CaduceusError('CAD-DEVICE-INVALID', `${name} is its own jump host`, 'Choose another.');
      if (!records.some(({ settings }) => settings.name === hop)) parseJump(hop);
    }
  }

  #put(records: readonly DeviceRecord[]): void {
    this.#parts.store.put(records);
    this.#reload();
  }

  /** Another process may have changed the inventory. */
  #refresh(): void {
    const version = this.#parts.store.version();
    if (version === this.#version) return;
    this.#version = version;
    const before = JSON.stringify(this.#records);
    this.#records = this.#parts.store.list();
    // The same file holds runs, which are written all the time.
    if (JSON.stringify(this.#records) !== before) this.changed();
  }

  #lookAgain(): void {
    try {
      this.#refresh();
    } catch {
      // A store that cannot be read now says so to whoever asks for devices; nobody has asked here.
    }
  }

  #reload(): void {
    this.#records = this.#parts.store.list();
    this.changed();
  }

  #record(wanted: string): DeviceRecord {
    this.#refresh();
    const names = ({ id, settings }: DeviceRecord): string[] => [id, settings.name, settings.address];
    const exact = this.#records.filter((record) => names(record).includes(wanted));
    const [only] = exact;
    if (only !== undefined && exact.length === 1) return only;
    const beginning = this.#records.filter((record) => names(record).some((name) => name.startsWith(wanted)));
    const matches = exact.length > 0 ? exact : wanted === '' ? [] : beginning;
    const [match] = matches;
    if (match !== undefined && matches.length === 1) return match;
    throw this.#unknown(wanted, matches);
  }

  #unknown(wanted: string, matches: readonly DeviceRecord[]): CaduceusError {
    const list = (records: readonly DeviceRecord[]): string =>
      records
        .slice(0, SHOWN_NAMES)
        .map(({ settings }) => settings.name)
        .join(', ');
    if (matches.length > 0) {
      return new CaduceusError(
        'CAD-DEVICE-UNKNOWN',
        `"${wanted}" fits several devices: ${list(matches)}`,
        'Write more of the name.',
      );
    }
    const remedy =
      this.#records.length === 0 ? 'Add one first: caduceus devices add ADDRESS' : `There are: ${list(this.#records)}`;
    return new CaduceusError('CAD-DEVICE-UNKNOWN', `no device is named "${wanted}"`, remedy);
  }

  #view(record: DeviceRecord): DeviceView {
    const { id, settings, addedAt, lastSeenAt, found } = record;
    const live = this.#activities.get(id) ?? {};
    const question = this.#parts.questionOf(id);
    const { host, port } = endpointOf(record);
    const [key] = this.#parts.store.find(host, port);
    return {
      ...settings,
      id,
      addedAt,
      lastSeenAt,
      state: stateOf({ found, activity: live.activity ?? null, isAsking: question !== null }),
      trust: key === undefined ? null : trustOf(key),
      facts: found.facts ?? null,
      benchmark: found.benchmark ?? null,
      path: found.path ?? null,
      deployment: found.deployment ?? null,
      steps: live.steps ?? null,
      question,
      error: live.activity === 'deploying' ? null : (found.error ?? null),
      run: live.run ?? null,
      ...(found.keyExpiresAt !== undefined && { keyExpiresAt: found.keyExpiresAt }),
    };
  }

  #freshId(): string {
    const draw = (): string => ID_CHARACTERS[Math.floor(this.#parts.random() * ID_CHARACTERS.length)] as string;
    return `d-${Array.from({ length: ID_LENGTH }, draw).join('')}`;
  }
}

function trustOf({ key, keyType, since, by }: ReturnType<HostKeyStore['find']>[number]): DeviceView['trust'] {
  return { fingerprint: fingerprintOf(key), keyType, since, by };
}

/** Where it was reached; before that, where its settings say. */
function endpointOf({ settings, found }: DeviceRecord): { host: string; port: number } {
  return found.endpoint ?? { host: settings.address, port: settings.port };
}

/** A port in what the user gives is meant, also when it is the usual one. */
function saidPort(settings: DeviceSettings, given: unknown): DeviceSettings {
  const isGiven = typeof given === 'object' && given !== null && 'port' in given && given.port !== undefined;
  return isGiven ? { ...settings, isPortSaid: true } : settings;
}

function named(settings: DeviceSettings, name: string): DeviceSettings & { name: string } {
  return { ...settings, name: settings.name ?? name };
}

/** The first part of a host name, an address as it is; numbered when somebody has it. */
function freeName(address: string, records: readonly DeviceRecord[]): string {
  const isAddress = /^[\d.]+$|:/.test(address);
  const base = (
    isAddress ? address.replace(/[:%]+/g, '-').replace(/^-/, '0-') : (address.split('.')[0] ?? address)
  ).slice(0, 56);
  const isTaken = (name: string): boolean =>
    records.some(({ settings }) => settings.name.toLowerCase() === name.toLowerCase());
  let name = base;
  for (let number = 2; isTaken(name); number++) name = `${base}-${number}`;
  return name;
}

function refuseTaken(
  settings: DeviceSettings & { name: string },
  records: readonly DeviceRecord[],
  where?: string,
): void {
  const { name, address, port } = settings;
  const place = where === undefined ? '' : `${where}: `;
  const same = records.find((other) => other.settings.address === address && other.settings.port === port);
  if (same !== undefined) {
    throw new CaduceusError(
      'CAD-DEVICE-EXISTS',
      `${place}${address}, port ${port}, is in the inventory already, as ${same.settings.name}`,
      'Change that device, or remove it first.',
    );
  }
  if (records.some((other) => other.settings.name.toLowerCase() === name.toLowerCase())) {
    throw new CaduceusError('CAD-DEVICE-EXISTS', `${place}another device is named ${name}`, 'Choose another name.');
  }
}

function busy(name: string): CaduceusError {
  return new CaduceusError('CAD-DEVICE-BUSY', `${name} is being deployed to or trains`, 'Stop that first.');
}

function full(): CaduceusError {
  return new CaduceusError(
    'CAD-DEVICE-INVALID',
    `the inventory holds at most ${MAX_DEVICES} devices`,
    'Remove some first.',
  );
}
