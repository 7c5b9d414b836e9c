/** Which policy, what it does, and its options: the form is made from the policy's own schema. */
import { useState } from 'react';
import { type OptionSpec, rangeOf } from '../../../main/core/policy/options.ts';
import { POLICIES } from '../../../main/core/policy/registry.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { NumberField, SelectField, Toggle } from '../../components/field.tsx';
import { setField, numberOrText, isObject, textOf, type Json } from './draft.ts';
import { useDraft } from './draft-fields.tsx';
import { POLICY_NOTES } from './policy-notes.ts';
import { RuleText } from './rule-text.tsx';
import { issueText, useIssues } from './validation.ts';

const CHOICES = POLICIES.map(({ name, title }) => ({ value: name, label: title }));

export function PolicyCard() {
  const name = useDraft('policy');
  const given = useDraft('options');
  const error = issueText(useIssues(), 'policy');
  const policy = POLICIES.find((each) => each.name === name);
  const notes = policy === undefined ? undefined : POLICY_NOTES[policy.name];
  const values = isObject(given) ? given : {};
  const schema = Object.entries(policy?.options ?? {});
  const changed = Object.keys(values).length;

  return (
    <Card
      title="Synchronization policy"
      actions={
        <>
          {policy?.faithful !== undefined && (
            <Button size="small" onClick={() => setField('options', policy.faithful)}>
              As released
            </Button>
          )}
          {changed > 0 && (
            <Button size="small" onClick={() => setField('options', undefined)}>
              Back to defaults
            </Button>
          )}
        </>
      }
    >
      <div className="policy">
        <div className="policy-choice">
          <SelectField
            label="Policy"
            value={policy?.name ?? ''}
            options={CHOICES}
            error={error}
            onChange={(chosen) => {
              setField('options', undefined);
              setField('policy', chosen);
            }}
          />
          {notes !== undefined && (
            <div className="policy-notes">
              <p>
                <b>{policy?.summary}</b>
              </p>
              <p>
                <RuleText text={capital(notes.rule)} />
              </p>
              <p className="muted">
                <b>Limits</b> <RuleText text={capital(notes.limits)} />
              </p>
              <p className="muted">
                <b>Source</b> {notes.source}
              </p>
              {notes.formulas.length > 0 && (
                <details>
                  <summary>Formulas that tests hold the code to</summary>
                  <ul className="formulas">
                    {notes.formulas.map((formula) => (
                      <li key={formula}>
                        <code>{formula}</code>
                      </li>
                    ))}
                  </ul>
                </details>
              )}
            </div>
          )}
        </div>
        <div className="policy-options">
          {schema.length === 0 && <p className="muted">This policy has no options.</p>}
          {schema.map(([option, spec]) => (
            <PolicyOption key={`${policy?.name ?? ''}.${option}`} name={option} spec={spec} value={values[option]} />
          ))}
        </div>
      </div>
    </Card>
  );
}

function PolicyOption({ name, spec, value }: { name: string; spec: OptionSpec; value: Json | undefined }) {
  const path = `options.${name}`;
  const error = issueText(useIssues(), path);
  const [typed, setTyped] = useState('');
  const set = (next: Json | undefined): void => setField(path, next);
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

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
