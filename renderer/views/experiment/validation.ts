/** The control plane's word on the draft, asked again a moment after each change. */
import { useEffect } from 'react';
import type { Issue, Validation } from '../../../main/core/api.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { ask, bridge } from '../../state/control-plane.ts';
import { createStore, useStore } from '../../state/store.ts';
import { draft, type JsonObject } from './draft.ts';

const QUIET_MS = 200;

export interface Checked {
  /** The settings that the rest speaks of. */
  of: JsonObject | null;
  validation: Validation | null;
  /** The newest that was without a mistake: where the defaults are read from. */
  complete: Validation['config'];
  error: ErrorReport | null;
}

/**
 * What is known of a draft. `checking` is all there is to say while the answer is of other settings than those
 * that are shown: what they would be is not known before it comes.
 */
export type Verdict = 'checking' | 'ready' | 'wrong' | 'unknown';

export const checked = createStore<Checked>({ of: null, validation: null, complete: null, error: null });

/** Rows of the data set that was looked into last: the control plane then knows what it had to leave open. */
export const seenRows = createStore('');

export function verdictOn(config: JsonObject, known: Checked): Verdict {
  if (known.of !== config) return 'checking';
  return known.error === null && known.validation !== null ? said(known.validation) : 'unknown';
}

function said({ issues }: Validation): 'ready' | 'wrong' {
  return issues.some(({ severity }) => severity === 'error') ? 'wrong' : 'ready';
}

/** Asks now. What comes back is kept, unless the draft has become another meanwhile. */
export async function check(config: JsonObject): Promise<Verdict> {
  const answer = await ask('experiment.validate', { config: config as never });
  if (draft.get().config === config) {
    checked.update((known) =>
      answer.ok
        ? { of: config, validation: answer.value, complete: answer.value.config ?? known.complete, error: null }
        : { ...known, of: config, error: answer.error },
    );
  }
  return answer.ok ? said(answer.value) : 'unknown';
}

/** Keeps `checked` up with the draft. */
export function useValidation(config: JsonObject): Verdict {
  const rows = useStore(seenRows);
  const connection = useStore(bridge().connection);
  const isLost = connection.state === 'lost';
  useEffect(() => {
    // Nobody would answer. It is asked once somebody does.
    if (isLost) return;
    const timer = setTimeout(() => void check(config), QUIET_MS);
    return () => clearTimeout(timer);
  }, [config, rows, isLost]);
  const verdict = verdictOn(config, useStore(checked));
  return isLost && verdict === 'checking' ? 'unknown' : verdict;
}

export function useIssues(): readonly Issue[] {
  return useStore(checked).validation?.issues ?? [];
}

/** What is wrong with a field or with a part of it, in a sentence with what would do. */
export function issueText(issues: readonly Issue[], path: string): string | undefined {
  const issue = issues.find(
    (each) => each.severity === 'error' && (each.path === path || each.path.startsWith(`${path}.`)),
  );
  return issue === undefined ? undefined : inWords(issue);
}

const WANTED: Readonly<Record<string, string>> = {
  'a value of type number': 'a number',
  'a value of type int': 'a whole number',
  'a value of type string': 'a text',
  'a value of type boolean': 'yes or no',
};

export function inWords({ code, message, range }: Issue): string {
  // The schema's own words are for whoever writes schemas.
  if (code === 'invalid_type' && range !== null) return `Give ${WANTED[range] ?? range}.`;
  if (/^Too (?:small|big): expected (?:number|int)/.test(message) && range !== null) return `Give a number, ${range}.`;
  if (code === 'invalid_value' && range !== null) return `Give ${range}.`;
  const said = `${message.charAt(0).toUpperCase()}${message.slice(1).replace(/\.$/, '')}`;
  return range === null || message.includes(range) ? `${said}.` : `${said}: ${range.replace(/\.$/, '')}.`;
}
