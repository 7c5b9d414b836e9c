/** The simulated devices of the inventory: one JSON file; removed ones can be restored until the program ends. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { CheckedInput } from '../../core/api.ts';
import { MAX_SIMULATED_DEVICES, type SimulatedDevice, simulatedDevicesFile } from '../../core/api/devices.ts';
import { CaduceusError } from '../../core/errors.ts';
import { writeFileAtomically } from '../../store/atomic-file.ts';
import { readOrPutAside } from './readable-file.ts';
import { Topic } from './topic.ts';

const FILE = 'simulated-devices.json';

export class SimulatedDevices {
  readonly changes = new Topic<SimulatedDevice[]>();
  readonly #path: string;
  readonly #removed = new Map<string, SimulatedDevice>();
  #devices: SimulatedDevice[];
  #writing: Promise<unknown> = Promise.resolve();

  constructor(home: string) {
    this.#path = join(home, FILE);
    const { value } = readOrPutAside(this.#path, (json) => simulatedDevicesFile.safeParse(json).data);
    this.#devices = value ?? [];
  }

  list(): SimulatedDevice[] {
    return this.#devices;
  }

  /** @throws CAD-BUSY when there would be too many, CAD-OUTPUT */
  add({ device, count }: CheckedInput<'simulatedDevices.add'>): Promise<SimulatedDevice[]> {
    return this.#change((known) => {
      const taken = new Set(known.map(({ name }) => name));
      const added = Array.from({ length: count }, (_, index) => {
        const name = freeName(count === 1 ? device.name : `${device.name}-${index + 1}`, taken);
        taken.add(name);
        return { id: randomBytes(8).toString('hex'), ...device, name };
      });
      return [...known, ...added];
    });
  }

  /** @throws CAD-DEVICE-UNKNOWN, CAD-OUTPUT */
  update(device: SimulatedDevice): Promise<SimulatedDevice[]> {
    return this.#change((known) => {
      if (!known.some(({ id }) => id === device.id)) unknown(device.id);
      const others = new Set(known.filter(({ id }) => id !== device.id).map(({ name }) => name));
      const named = { ...device, name: freeName(device.name, others) };
      return known.map((each) => (each.id === device.id ? named : each));
    });
  }

  /** @throws CAD-DEVICE-UNKNOWN, CAD-OUTPUT */
  remove(ids: readonly string[]): Promise<SimulatedDevice[]> {
    return this.#change((known) => {
      for (const id of ids) this.#removed.set(id, known.find((device) => device.id === id) ?? unknown(id));
      return known.filter(({ id }) => !ids.includes(id));
    });
  }

  /** @throws CAD-DEVICE-UNKNOWN, CAD-OUTPUT */
  restore(ids: readonly string[]): Promise<SimulatedDevice[]> {
    return this.#change((known) => {
      const back = ids.map((id) => this.#removed.get(id) ?? unknown(id));
      return [...known, ...back.filter(({ id }) => !known.some((device) => device.id === id))];
    });
  }

  /** One change after the other; nothing has changed when it cannot be written. */
  #change(next: (known: SimulatedDevice[]) => SimulatedDevice[]): Promise<SimulatedDevice[]> {
    const changed = this.#writing.then(async () => {
      const devices = next(this.#devices);
      if (devices.length > MAX_SIMULATED_DEVICES) {
        throw new CaduceusError(
          'CAD-BUSY',
          `${devices.length} simulated devices are more than are kept`,
          `Keep at most ${MAX_SIMULATED_DEVICES}; describe larger clusters where you simulate.`,
        );
      }
      await writeFileAtomically(this.#path, [Buffer.from(`${JSON.stringify(devices, undefined, 2)}\n`)]);
      this.#devices = devices;
      this.changes.tell(devices);
      return devices;
    });
    this.#writing = changed.catch(() => undefined);
    return changed;
  }
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  for (let number = 2; ; number++) {
    const name = `${wanted.slice(0, 58)}-${number}`;
    if (!taken.has(name)) return name;
  }
}

function unknown(id: string): never {
  throw new CaduceusError('CAD-DEVICE-UNKNOWN', `there is no simulated device ${id}`, 'Choose one of the list.');
}
