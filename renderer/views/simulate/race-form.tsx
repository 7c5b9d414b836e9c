/** Which policies race, at what, for how long. */
import type { Catalogue } from '../../../main/core/api.ts';
import { ALLOCATION_CHOICES, allocationOfAll } from '../../../main/core/policy/allocation-words.ts';
import { POLICIES } from '../../../main/core/policy/registry.ts';
import { Card } from '../../components/card.tsx';
import { NumberField, SelectField, Toggle } from '../../components/field.tsx';
import { PolicyVariants } from './policy-variants.tsx';
import { complaintOf, type NumberSetting, type RaceSettings } from './race-settings.ts';

export interface RaceFormProps {
  catalogue: Catalogue;
  settings: RaceSettings;
  onChange: (settings: RaceSettings) => void;
}

const NUMBERS: readonly { name: NumberSetting; label: string; unit?: string; hint?: string }[] = [
  { name: 'target', label: 'Target accuracy', unit: '%', hint: 'Time to it is what is compared; empty for none.' },
  { name: 'maxSeconds', label: 'At most', unit: 's', hint: 'Of simulated time. Who is not there by then is censored.' },
  { name: 'seeds', label: 'Seeds', hint: 'Each policy runs once for each.' },
  { name: 'batch', label: 'Mini-batch', unit: 'rows' },
  { name: 'learningRate', label: 'Learning rate' },
  {
    name: 'tune',
    label: 'Rates tried',
    hint: 'For every policy alike, on seeds of their own; 0: all use the one above.',
  },
];

export function RaceForm({ catalogue, settings, onChange }: RaceFormProps) {
  const models = catalogue.models.map(({ name }) => name);
  const dataset = catalogue.datasets.find(({ name }) => name === settings.dataset);
  return (
    <>
      <Card title="Race">
        <div className="race-form">
          <SelectField
            label="Data set"
            value={settings.dataset}
            options={catalogue.datasets.map(({ name, available }) => ({
              value: name,
              label: available ? name : settings.timingOnly ? `${name} (by its size)` : `${name} (no files)`,
              // Timing only, no row is read.
              disabled: !available && !settings.timingOnly,
            }))}
            onChange={(name) => onChange(withDataset(catalogue, settings, name))}
          />
          <SelectField
            label="Model"
            value={settings.model}
            options={models
              .filter((name) => dataset === undefined || dataset.models.includes(name))
              .map((name) => ({ value: name, label: name }))}
            onChange={(model) => onChange({ ...settings, model })}
          />
          {NUMBERS.map(({ name, label, unit, hint }) => (
            <NumberField
              key={name}
              label={label}
              unit={unit}
              hint={hint}
              error={complaintOf(name, settings[name])}
              value={settings[name]}
              onChange={(value) => onChange({ ...settings, [name]: value })}
            />
          ))}
          <div className="race-wide">
            <SelectField
              label="Allocation"
              hint={allocationOfAll(settings.allocation)}
              value={settings.allocation}
              options={ALLOCATION_CHOICES}
              onChange={(allocation) => onChange({ ...settings, allocation })}
            />
          </div>
          <div className="race-wide">
            <Toggle
              label="Timing only"
              hint="A small noisy problem learns in place of the model: seconds instead of minutes. Bytes and times are the model’s; accuracies are not."
              checked={settings.timingOnly}
              onChange={(timingOnly) => onChange({ ...settings, timingOnly })}
            />
          </div>
        </div>
      </Card>
      <Card
        title="Policies"
        note="raced beside two bounds: the fastest device alone, and one device with all the speed"
      >
        <div className="race-policies">
          {POLICIES.map((policy) => (
            <PolicyVariants key={policy.name} policy={policy} settings={settings} onChange={onChange} />
          ))}
        </div>
      </Card>
    </>
  );
}

function withDataset(catalogue: Catalogue, settings: RaceSettings, name: string): RaceSettings {
  const models = catalogue.datasets.find((one) => one.name === name)?.models ?? [];
  const model = models.includes(settings.model) ? settings.model : (models[0] ?? settings.model);
  return { ...settings, dataset: name, model };
}
