/**
 * tfjs-node 4.22 calls `util.isNullOrUndefined` and its kin, which Node 23 removed. Importing this
 * module before tfjs-node puts back those that are gone and touches none that are there.
 */
import util from 'node:util';

const REMOVED: Record<string, (value: unknown) => boolean> = {
  isArray: (value) => Array.isArray(value),
  isBoolean: (value) => typeof value === 'boolean',
  isBuffer: (value) => Buffer.isBuffer(value),
  isDate: (value) => util.types.isDate(value),
  isError: (value) => value instanceof Error,
  isFunction: (value) => typeof value === 'function',
  isNull: (value) => value === null,
  isNullOrUndefined: (value) => value === null || value === undefined,
  isNumber: (value) => typeof value === 'number',
  isObject: (value) => value !== null && typeof value === 'object',
  isPrimitive: (value) => value === null || (typeof value !== 'object' && typeof value !== 'function'),
  isRegExp: (value) => util.types.isRegExp(value),
  isString: (value) => typeof value === 'string',
  isSymbol: (value) => typeof value === 'symbol',
  isUndefined: (value) => value === undefined,
};

/** Names that were missing and are there now. */
export function restoreNodeUtil(): string[] {
  const missing = Object.keys(REMOVED).filter((name) => !(name in util));
  for (const name of missing) Object.defineProperty(util, name, { value: REMOVED[name], configurable: true });
  return missing;
}
