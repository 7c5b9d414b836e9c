/** Which devices a verb is about: names, identifiers, tags, or all of them, said on purpose. */
import type { DevicesApi, DeviceView } from '../core/device.ts';
import { CaduceusError } from '../core/errors.ts';
import { type Flag, type FlagValues, usageError } from './verb.ts';

export const ALL_FLAG: Flag = { type: 'boolean', help: 'Every device of the inventory' };
export const DEVICE_OPERANDS = '[NAME|tag:TAG…]';

/** @throws CAD-USAGE when nobody is named; CAD-DEVICE-UNKNOWN when there are no devices or not these */
export function chosenDevices(
  devices: DevicesApi,
  positionals: readonly string[],
  flags: FlagValues,
  verb: string,
): DeviceView[] {
  const all = devices.list();
  if (flags['all'] === true && positionals.length > 0) throw usageError('name devices, or say --all; not both', verb);
  if (flags['all'] !== true && positionals.length === 0) {
    throw usageError('name devices or a tag (tag:NAME), or say --all', verb);
  }
  if (all.length === 0) {
    throw new CaduceusError(
      'CAD-DEVICE-UNKNOWN',
      'there are no devices yet',
      'Add one first: caduceus devices add ADDRESS',
    );
  }
  if (flags['all'] === true) return all;
  const chosen = new Set(positionals.flatMap((wanted) => named(devices, all, wanted)));
  return all.filter(({ id }) => chosen.has(id));
}

function named(devices: DevicesApi, all: readonly DeviceView[], wanted: string): string[] {
  if (!wanted.startsWith('tag:')) return [devices.find(wanted).id];
  const tag = wanted.slice('tag:'.length);
  const found = all.filter(({ tags }) => tags.includes(tag));
  if (found.length > 0) return found.map(({ id }) => id);
  const tags = [...new Set(all.flatMap((device) => device.tags))].sort();
  const remedy = tags.length === 0 ? 'No device has a tag yet.' : `Tags: ${tags.join(', ')}.`;
  throw new CaduceusError('CAD-DEVICE-UNKNOWN', `no device has the tag "${tag}"`, remedy);
}
