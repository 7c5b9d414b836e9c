/** What was done to several devices, as a document and, when some failed, as an error that names them. */
import type { DeploySummary } from '../core/device.ts';
import { CaduceusError } from '../core/errors.ts';
import { PartlyFailed } from './verb.ts';

const NAMED = 8;

/** @param verb For the remedy: what to run again for those that failed, where one command does it. */
export function outcomeOf(document: DeploySummary, verb?: string): DeploySummary | PartlyFailed {
  const failed = document.devices.filter(({ ok }) => !ok);
  const [first] = failed;
  if (first?.error === undefined) return document;
  const { code, message, remedy } = first.error;
  if (failed.length === 1)
    return new PartlyFailed(document, new CaduceusError(code, `${first.name}: ${message}`, remedy));
  const names = failed.slice(0, NAMED).map(({ name, error }) => `${name} (${error?.code ?? 'unknown'})`);
  const more = failed.length > NAMED ? `, and ${failed.length - NAMED} more` : '';
  return new PartlyFailed(
    document,
    new CaduceusError(
      code,
      `${failed.length} of ${document.devices.length} devices failed: ${names.join(', ')}${more}; ${first.name}: ${message}`,
      verb === undefined ? remedy : `${remedy} Then: ${verb}`,
    ),
  );
}
