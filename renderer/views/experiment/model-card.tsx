import { useEffect, useState } from 'react';
import type { DatasetInfo, ModelDescription } from '../../../main/core/api.ts';
import { bytes, count } from '../../../main/core/display/format.ts';
import { Card } from '../../components/card.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { ask } from '../../state/control-plane.ts';
import { useCatalogue } from './catalogue.ts';
import { draft, isObject, setDraft, setField, withField, type JsonObject } from './draft.ts';
import { useDraft } from './draft-fields.tsx';
import { LayerTable } from './layer-table.tsx';
import { shapeWords } from './layers.ts';
import { issueText, inWords, useIssues } from './validation.ts';
import './model-card.css';

const CUSTOM = 'custom';
const QUIET_MS = 150;

export function ModelCard() {
  const known = useCatalogue();
  const name = useDraft('model');
  const spec = useDraft('modelSpec');
  const datasetName = useDraft('dataset.name');
  const issues = useIssues();
  const dataset = known?.datasets.find((each) => each.name === datasetName);
  const isCustom = isObject(spec);
  const preset = known?.models.find((each) => each.name === name);
  const described = useDescription(isCustom ? spec : null);
  const model = isCustom ? described : (preset ?? null);
  const error = isCustom ? undefined : issueText(issues, 'model');

  const choose = (chosen: string): void => {
    const { config } = draft.get();
    const others = withField(config, ['modelSpec'], undefined);
    const next =
      chosen === CUSTOM
        ? withField(others, ['modelSpec'], customFrom(preset, dataset))
        : withField(others, ['model'], chosen);
    setDraft({ ...draft.get(), config: next });
  };

  return (
    <Card title="Model" note={model === null ? undefined : modelWords(model)}>
      <div className="fields">
        <SelectField
          label="Model"
          value={isCustom ? CUSTOM : typeof name === 'string' ? name : ''}
          error={error}
          options={[
            ...(known?.models ?? []).map((each) => ({
              value: each.name,
              label: dataset && !dataset.models.includes(each.name) ? `${each.name} (another input)` : each.name,
            })),
            { value: CUSTOM, label: 'Built layer by layer' },
          ]}
          onChange={choose}
        />
        {isCustom && (
          <TextField
            label="Its name"
            value={typeof spec['name'] === 'string' ? spec['name'] : ''}
            error={issueText(issues, 'modelSpec.name')}
            onChange={(text) => setField('modelSpec.name', text)}
          />
        )}
      </div>
      {model !== null && (
        <LayerTable
          model={model}
          onChange={isCustom ? (layers) => setField('modelSpec.layers', layers) : undefined}
          layers={isCustom && Array.isArray(spec['layers']) ? (spec['layers'] as JsonObject[]) : []}
        />
      )}
      {model?.issues.map((issue) => (
        <p key={issue.code} className="field-error">
          {inWords(issue)}
        </p>
      ))}
    </Card>
  );
}

function modelWords({ parameters, multiplyAdds, bytes: size, input, classes }: ModelDescription): string {
  const parts = [
    `${shapeWords(input)} to ${classes} classes`,
    parameters === null ? null : `${count(parameters)} parameters`,
    size === null ? null : bytes(size),
    multiplyAdds === null ? null : `${count(multiplyAdds)} multiply-adds a row`,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

/** A model of one's own starts from the preset that was chosen, with the data set's own input and classes. */
function customFrom(preset: ModelDescription | undefined, dataset: DatasetInfo | undefined): JsonObject {
  const layers = preset?.layers.flatMap(({ spec }) => (spec === null ? [] : [spec])) ?? [];
  const classes = dataset?.classes ?? preset?.classes ?? 10;
  return {
    name: 'my-model',
    input: [...(dataset?.shape ?? preset?.input ?? [28, 28, 1])],
    classes,
    layers: layers.length > 0 ? layers : [{ type: 'flatten' }, { type: 'dense', units: classes, activation: 'linear' }],
  };
}

/** Shapes, counts and complaints of a model while it is built. */
function useDescription(spec: JsonObject | null): ModelDescription | null {
  const [described, setDescribed] = useState<ModelDescription | null>(null);
  useEffect(() => {
    if (spec === null) return;
    let current = true;
    const timer = setTimeout(() => {
      void ask('experiment.describeModel', { model: spec as never }).then((answer) => {
        if (current && answer.ok) setDescribed(answer.value);
      });
    }, QUIET_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [spec]);
  return spec === null ? null : described;
}
