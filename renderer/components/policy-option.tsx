/** One option of a policy as a control, made from the policy's own schema. */
import { useState } from 'react';
import { type OptionSpec, rangeOf } from '../../main/core/policy/options.ts';
import { NumberField, SelectField, Toggle } from './field.tsx';
import { type Json, numberOrText, textOf } from './typed-value.ts';
import './policy-option.css';

interface PolicyOptionProps {
  name: string;
  spec: OptionSpec;
  /** As typed; absent: the default. */
  value: Json | undefined;
  error?: string | undefined;
  onChange: (value: Json | undefined) => void;
}

export function PolicyOption({ name, spec, value, error, onChange: set }: PolicyOptionProps) {
  const [typed, setTyped] = useState('');
  const label = (
    <>
      <code>{name}</code>
      {value !== undefined && <span className="changed"> changed</span>}
    </>
  );
  switch (spec.kind) {
    case 'number':
    case 'integer':
      return (
        <NumberField
          label={label}
          hint={spec.help}
          unit={spec.unit}
          error={error ?? (isOutside(spec, value) ? `Give ${rangeOf(spec)}.` : undefined)}
          placeholder={String(spec.default)}
          title={rangeOf(spec)}
          value={numberOrText(typed) === value ? typed : textOf(value)}
          onChange={(text) => {
            setTyped(text);
            set(numberOrText(text));
          }}
        />
      );
    case 'choice':
      return (
        <SelectField
          label={label}
          hint={spec.help}
          error={error}
          value={typeof value === 'string' ? value : spec.default}
          options={spec.choices.map((choice) => ({ value: choice, label: choice }))}
          onChange={(chosen) => set(chosen === spec.default ? undefined : chosen)}
        />
      );
    case 'flag':
      return (
        <Toggle
          label={label}
          hint={spec.help}
          checked={typeof value === 'boolean' ? value : spec.default}
          onChange={(on) => set(on === spec.default ? undefined : on)}
        />
      );
  }
}

/** Known at once, without asking: the schema says it. */
function isOutside(spec: OptionSpec & { kind: 'number' | 'integer' }, value: Json | undefined): boolean {
  if (value === undefined) return false;
  if (typeof value !== 'number') return true;
  return value < spec.min || value > spec.max || (spec.kind === 'integer' && !Number.isInteger(value));
}
