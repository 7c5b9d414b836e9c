/** The control plane's word on the draft, asked again a moment after each change. */
import { useEffect, useState } from 'react';
import type { Issue, Validation } from '../../../main/core/api.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { ask } from '../../state/control-plane.ts';
import { createStore, useStore } from '../../state/store.ts';
import type { JsonObject } from './draft.ts';

const QUIET_MS = 200;

export interface Checked {
  validation: Validation | null;
  /** The newest that was without a mistake: where the defaults are read from. */
  complete: Validation['config'];
  error: ErrorReport | null;
}

export const checked = createStore<Checked>({ validation: null, complete: null, error: null });

/** Rows of the data set that was looked into last: the control plane then knows what it had to leave open. */
export const seenRows = createStore('');

/** Keeps `checked` up with the draft; true while an answer is awaited. */
export function useValidation(config: JsonObject): boolean {
  const [answered, setAnswered] = useState<JsonObject | null>(null);
  const rows = useStore(seenRows);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      void ask('experiment.validate', { config: config as never }).then((answer) => {
        if (!current) return;
        setAnswered(config);
        checked.update((known) =>
          answer.ok
            ? { validation: answer.value, complete: answer.value.config ?? known.complete, error: null }
            : { ...known, error: answer.error },
        );
      });
    }, QUIET_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [config, rows]);
  return answered !== config;
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
