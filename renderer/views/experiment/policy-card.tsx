/** Which policy, what it does, and its options: the form is made from the policy's own schema. */
import type { OptionSpec } from '../../../main/core/policy/options.ts';
import { POLICIES } from '../../../main/core/policy/registry.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { SelectField } from '../../components/field.tsx';
import { PolicyOption } from '../../components/policy-option.tsx';
import type { Json } from '../../components/typed-value.ts';
import { setField, isObject } from './draft.ts';
import { useDraft } from './draft-fields.tsx';
import { POLICY_NOTES } from './policy-notes.ts';
import { RuleText } from './rule-text.tsx';
import { issueText, useIssues } from './validation.ts';
import './policy-card.css';

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
        <div className="choice">
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
            <DraftOption key={`${policy?.name ?? ''}.${option}`} name={option} spec={spec} value={values[option]} />
          ))}
        </div>
      </div>
    </Card>
  );
}

function DraftOption({ name, spec, value }: { name: string; spec: OptionSpec; value: Json | undefined }) {
  const path = `options.${name}`;
  const error = issueText(useIssues(), path);
  return <PolicyOption {...{ name, spec, value, error }} onChange={(next) => setField(path, next)} />;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
