/** Fields tied to a place in the draft: value, default and complaint come from there. */
import { useState, type ReactNode } from 'react';
import { NumberField, SelectField, TextField } from '../../components/field.tsx';
import { useSelected } from '../../state/store.ts';
import { numberOrText, textOf, type Json } from '../../components/typed-value.ts';
import { draft, fieldOf, setField } from './draft.ts';
import { checked, issueText, useIssues } from './validation.ts';

interface DraftFieldProps {
  path: string;
  label: ReactNode;
  hint?: ReactNode;
  unit?: string;
  /** Where the control plane's own default is not in the settings. */
  fallback?: string;
}

export function useDraft(path: string): Json | undefined {
  return useSelected(draft, ({ config }) => fieldOf(config, path));
}

/** What holds where nothing is filled in, as far as it is known. */
function useDefault(path: string): string | undefined {
  const value = useSelected(checked, ({ complete }) => fieldOf(complete as Json, path));
  return typeof value === 'number' || typeof value === 'string' ? String(value) : undefined;
}

export function DraftNumber({ path, label, hint, unit, fallback }: DraftFieldProps) {
  const value = useDraft(path);
  const known = useDefault(path);
  const error = issueText(useIssues(), path);
  const [typed, setTyped] = useState('');
  // What is being typed is shown as it stands (`0.`), unless the draft has become another meanwhile.
  const shown = numberOrText(typed) === value ? typed : textOf(value);
  return (
    <NumberField
      {...{ label, unit, error }}
      {...(hint === undefined ? {} : { hint })}
      placeholder={fallback ?? (value === undefined ? known : undefined)}
      value={shown}
      onChange={(text) => {
        setTyped(text);
        setField(path, numberOrText(text));
      }}
    />
  );
}

export function DraftText({ path, label, hint, fallback }: DraftFieldProps) {
  const value = useDraft(path);
  const error = issueText(useIssues(), path);
  return (
    <TextField
      {...{ label, error }}
      {...(hint === undefined ? {} : { hint })}
      placeholder={fallback}
      value={typeof value === 'string' ? value : ''}
      onChange={(text) => setField(path, text === '' ? undefined : text)}
    />
  );
}

interface DraftSelectProps extends DraftFieldProps {
  options: readonly { value: string; label: string; disabled?: boolean }[];
  /** Standing for no value of one's own. */
  none?: string;
}

export function DraftSelect({ path, label, hint, options, none, fallback }: DraftSelectProps) {
  const value = useDraft(path);
  const known = useDefault(path);
  const error = issueText(useIssues(), path);
  const all = none === undefined ? options : [{ value: '', label: none }, ...options];
  const shown = typeof value === 'string' ? value : none === undefined ? (known ?? fallback ?? '') : '';
  return (
    <SelectField
      {...{ label, error }}
      {...(hint === undefined ? {} : { hint })}
      value={shown}
      options={all}
      onChange={(chosen) => setField(path, chosen === '' ? undefined : chosen)}
    />
  );
}
