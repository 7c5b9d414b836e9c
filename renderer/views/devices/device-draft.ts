/** A device while it is being typed: one field holds `user@host:port`, as people write it. */
import type { DeviceInput, DeviceView } from '../../../main/core/device.ts';

export interface DeviceDraft {
  address: string;
  name: string;
  keyFile: string;
  jump: string;
  workDirectory: string;
  tags: string;
  cpuPercent: string;
  memoryMiB: string;
}

export const EMPTY_DRAFT: DeviceDraft = {
  ...{ address: '', name: '', keyFile: '', jump: '', workDirectory: '', tags: '', cpuPercent: '', memoryMiB: '' },
};

export type DraftErrors = Partial<Record<keyof DeviceDraft, string>>;

/** `pi@192.168.1.40:2222`, `[fd7a::1]:22`, `box`. Undefined when it cannot be one. */
export function parseAddress(text: string): { user?: string; address: string; port?: number } | undefined {
  const match = /^(?:([^\s@]+)@)?(?:\[([0-9A-Fa-f:.%\w]+)\]|([^\s@[\]]+?))(?::(\d{1,5}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, user, bracketed, plain, port] = match;
  // An IPv6 address without brackets: its last part is no port.
  const bare = plain !== undefined && port !== undefined && plain.includes(':') ? `${plain}:${port}` : undefined;
  const address = bare ?? bracketed ?? plain;
  if (address === undefined) return undefined;
  return {
    address,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined || bare !== undefined ? {} : { port: Number(port) }),
  };
}

export function draftOf(device: DeviceView): DeviceDraft {
  const host = device.address.includes(':') ? `[${device.address}]` : device.address;
  return {
    address: `${device.user === undefined ? '' : `${device.user}@`}${host}${device.port === 22 ? '' : `:${device.port}`}`,
    name: device.name,
    keyFile: device.keyFile ?? '',
    jump: device.jump.join(', '),
    workDirectory: device.workDirectory ?? '',
    tags: device.tags.join(', '),
    cpuPercent: device.caps.cpuPercent?.toString() ?? '',
    memoryMiB: device.caps.memoryMiB?.toString() ?? '',
  };
}

const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** What the draft asks for, or what is wrong with which field. The control plane checks the rest. */
export function readDraft(draft: DeviceDraft): { input: DeviceInput; errors: DraftErrors } {
  const errors: DraftErrors = {};
  const where = parseAddress(draft.address);
  if (draft.address.trim() === '') errors.address = 'A host name or an address is needed.';
  else if (where === undefined) errors.address = 'Write host, user@host or user@host:port.';
  else if (where.port !== undefined && (where.port < 1 || where.port > 65_535)) {
    errors.address = 'A port is a number from 1 to 65535.';
  }
  const number = (field: 'cpuPercent' | 'memoryMiB', least: number, most: number): number | undefined => {
    const text = draft[field].trim();
    if (text === '') return undefined;
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most) {
      errors[field] = `A whole number from ${least} to ${most}.`;
    }
    return value;
  };
  const cpuPercent = number('cpuPercent', 1, 6400);
  const memoryMiB = number('memoryMiB', 64, 1_048_576);
  const text = (value: string): string | undefined => (value.trim() === '' ? undefined : value.trim());
  const optional = { name: text(draft.name), keyFile: text(draft.keyFile), workDirectory: text(draft.workDirectory) };
  return {
    input: {
      ...(where ?? { address: draft.address }),
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
      jump: words(draft.jump),
      tags: words(draft.tags),
      caps: { ...(cpuPercent === undefined ? {} : { cpuPercent }), ...(memoryMiB === undefined ? {} : { memoryMiB }) },
    },
    errors,
  };
}
