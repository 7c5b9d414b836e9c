/** What the policy lets its user change while it decides. */
import { useMemo, useState } from 'react';
import type { ErrorReport } from '../../../main/core/errors.ts';
import {
  liveOptions,
  type OptionSpec,
  type OptionValue,
  parseOption,
  rangeOf,
} from '../../../main/core/policy/options.ts';
import { POLICIES } from '../../../main/core/policy/registry.ts';
import { ask } from '../../state/control-plane.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Facts } from '../../components/facts.tsx';
import { NumberField, SelectField, Toggle } from '../../components/field.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { showToast } from '../../state/toasts.ts';
import { useRun } from './run-context.ts';

type Drafts = Readonly<Record<string, string>>;

export function OptionsDialog({ onClose }: { onClose: () => void }) {
  const { detail, feed } = useRun();
  const policy = POLICIES.find(({ name }) => name === detail.config.policy);
  const initial = useMemo<Drafts>(
    () => Object.fromEntries(Object.entries(detail.options).map(([name, value]) => [name, String(value)])),
    [detail.options],
  );
  const [drafts, setDrafts] = useState(initial);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorReport | null>(null);
  const schema = policy?.options ?? {};
  const live = liveOptions(schema);
  const fixed = Object.keys(schema).filter((name) => !live.includes(name));
  const changed = live.filter((name) => drafts[name] !== initial[name]);
  const isWrong = live.some((name) => complaint(schema[name] as OptionSpec, drafts[name] ?? '') !== undefined);

  const apply = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    const options: Record<string, OptionValue> = {};
    for (const name of changed) options[name] = parseOption(schema[name], drafts[name] ?? '');
    const answer = await ask('runs.setOptions', { run: detail.run, options });
    setBusy(false);
    if (!answer.ok) {
      setError(answer.error);
      return;
    }
    feed.replaceDetail(answer.value);
    showToast(
      `${policy?.title ?? 'The policy'} goes on with ${changed.map((name) => `${name} ${drafts[name]}`).join(', ')}`,
    );
    onClose();
  };

  return (
    <Dialog
      width="wide"
      title={`${policy?.title ?? detail.config.policy}: options`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={busy} disabled={changed.length === 0 || isWrong} onClick={() => void apply()}>
            {changed.length === 0
              ? 'Change options'
              : changed.length === 1
                ? 'Change one option'
                : `Change ${changed.length} options`}
          </Button>
        </>
      }
    >
      <div className="run-form">
        {error !== null && <ErrorNotice error={error} compact />}
        <p className="muted">
          {live.length === 0
            ? 'None of its options can change while a run goes on.'
            : 'A change takes effect with the next decision and is kept in the run’s record.'}
        </p>
        <div className="run-options">
          {live.map((name) => (
            <Option
              key={name}
              name={name}
              spec={schema[name] as OptionSpec}
              value={drafts[name] ?? ''}
              onChange={(value) => setDrafts({ ...drafts, [name]: value })}
            />
          ))}
        </div>
        {fixed.length > 0 && (
          <section>
            <h3>Fixed since the start</h3>
            <Facts rows={fixed.map((name) => [name, initial[name] ?? null])} />
          </section>
        )}
      </div>
    </Dialog>
  );
}

interface OptionProps {
  name: string;
  spec: OptionSpec;
  value: string;
  onChange: (value: string) => void;
}

function Option({ name, spec, value, onChange }: OptionProps) {
  const error = complaint(spec, value);
  switch (spec.kind) {
    case 'choice':
      return (
        <SelectField
          label={<code>{name}</code>}
          hint={spec.help}
          value={value}
          options={spec.choices.map((choice) => ({ value: choice, label: choice }))}
          onChange={onChange}
        />
      );
    case 'flag':
      return (
        <Toggle
          label={<code>{name}</code>}
          hint={spec.help}
          checked={value === 'true'}
          onChange={(on) => onChange(String(on))}
        />
      );
    case 'number':
    case 'integer':
      return (
        <NumberField
          label={<code>{name}</code>}
          hint={spec.help}
          error={error}
          unit={spec.unit}
          value={value}
          onChange={onChange}
        />
      );
  }
}

/** What is wrong with a value as it is typed; undefined when nothing is. */
export function complaint(spec: OptionSpec, typed: string): string | undefined {
  if (spec.kind !== 'number' && spec.kind !== 'integer') return undefined;
  const value = parseOption(spec, typed);
  const isRight =
    typeof value === 'number' &&
    value >= spec.min &&
    value <= spec.max &&
    (spec.kind === 'number' || Number.isInteger(value));
  return isRight ? undefined : `Give ${rangeOf(spec)}.`;
}
