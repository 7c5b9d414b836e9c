/**
 * Checks of untrusted JSON headers, field by field: no extra keys, finite numbers, bounded text.
 * Small on purpose: it runs for every message a worker sends.
 */
import { CaduceusError } from '../errors.ts';

export type Check = (value: unknown) => boolean;

export const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
export const real: Check = (value) => typeof value === 'number' && Number.isFinite(value);
export const duration: Check = (value) => real(value) && (value as number) >= 0;
export const flag: Check = (value) => typeof value === 'boolean';

export function text(maximum: number): Check {
  return (value) => typeof value === 'string' && value.length <= maximum;
}

export function oneOf(...choices: readonly string[]): Check {
  return (value) => typeof value === 'string' && choices.includes(value);
}

export function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

/** An object with exactly these fields. */
export function fields(shape: Readonly<Record<string, Check>>): Check {
  const names = Object.keys(shape);
  return (value) => {
    if (!isObject(value)) return false;
    for (const name of names) if (!(shape[name] as Check)(value[name])) return false;
    for (const name of Object.keys(value)) if (!Object.hasOwn(shape, name)) return false;
    return true;
  };
}

/** An object with at most `maximum` entries of one kind. */
export function dictionary(check: Check, maximum: number): Check {
  return (value) => isObject(value) && Object.keys(value).length <= maximum && Object.values(value).every(check);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function protocolError(message: string): CaduceusError {
  return new CaduceusError(
    'CAD-PROTOCOL',
    message,
    'Deploy the same version of Caduceus on the server and the worker.',
  );
}
