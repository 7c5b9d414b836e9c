import type { DescribedLayer, ModelDescription } from '../../../main/core/api.ts';
import { count } from '../../../main/core/display/format.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { numberOrText, type Json } from '../../components/typed-value.ts';
import type { JsonObject } from './draft.ts';
import {
  addLayer,
  changeLayer,
  LAYER_CHOICES,
  LAYER_NUMBERS,
  LAYER_TYPES,
  LAYER_WORDS,
  moveLayer,
  removeLayer,
  shapeWords,
  type LayerType,
} from './layers.ts';
import '../../components/data-table.css';
import { inWords } from './validation.ts';
import { showToast } from '../../state/toasts.ts';

interface LayerTableProps {
  model: ModelDescription;
  /** As they are in the draft, while they can be changed. */
  layers: readonly JsonObject[];
  onChange: ((layers: readonly JsonObject[]) => void) | undefined;
}

/** The model from input to logits: each layer with its output and what it holds. */
export function LayerTable({ model, layers, onChange }: LayerTableProps) {
  const rows = onChange === undefined ? model.layers : layers.map((_, index) => model.layers[index]);
  return (
    <div className="table-scroll layers" tabIndex={0} role="group" aria-label="Layers of the model">
      <table className="table">
        <caption className="unseen">Layers of {model.name}</caption>
        <thead>
          <tr>
            <th scope="col">layer</th>
            <th scope="col">settings</th>
            <th scope="col" className="number">
              output
            </th>
            <th scope="col" className="number">
              parameters
            </th>
            {onChange && (
              <th scope="col">
                <span className="unseen">change</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((described, index) => (
            <LayerRow
              key={index}
              index={index}
              described={described}
              layer={layers[index]}
              last={index === rows.length - 1}
              onField={onChange && ((field, value) => onChange(changeLayer(layers, index, field, value)))}
              onMove={onChange && ((by) => onChange(moveLayer(layers, index, by)))}
              onRemove={
                onChange &&
                (() => {
                  onChange(removeLayer(layers, index));
                  showToast(`Layer ${index + 1} removed`, { action: { label: 'Undo', run: () => onChange(layers) } });
                })
              }
            />
          ))}
        </tbody>
      </table>
      {onChange && (
        <div className="layer-add">
          <span className="muted">Add before the last:</span>
          {LAYER_TYPES.map((type) => (
            <Button key={type} size="small" icon="plus" onClick={() => onChange(addLayer(layers, type))}>
              {LAYER_WORDS[type]}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}

interface LayerRowProps {
  index: number;
  described: DescribedLayer | undefined;
  layer: JsonObject | undefined;
  last: boolean;
  onField: ((field: string, value: Json | undefined) => void) | undefined;
  onMove: ((by: -1 | 1) => void) | undefined;
  onRemove: (() => void) | undefined;
}

function LayerRow({ index, described, layer, last, onField, onMove, onRemove }: LayerRowProps) {
  const type = (layer?.['type'] ?? described?.type) as LayerType;
  const name = `Layer ${index + 1}, ${LAYER_WORDS[type] ?? String(type)}`;
  return (
    <tr>
      <th scope="row">
        <span className="muted">{index + 1}</span> {LAYER_WORDS[type] ?? String(type)}
      </th>
      <td>
        {onField === undefined ? (
          <span className="muted">{settingsWords(described)}</span>
        ) : (
          <LayerFields type={type} name={name} layer={layer ?? {}} onField={onField} />
        )}
        {described?.issues.map((issue) => (
          <p key={issue.path + issue.code} className="field-error">
            {inWords(issue)}
          </p>
        ))}
      </td>
      <td className="number">{shapeWords(described?.output ?? null)}</td>
      <td className="number">{count(described?.parameters)}</td>
      {onMove && onRemove && (
        <td className="layer-moves">
          <IconButton
            size="small"
            icon="up"
            label={`Move up: ${name}`}
            disabled={index === 0}
            onClick={() => onMove(-1)}
          />
          <IconButton size="small" icon="down" label={`Move down: ${name}`} disabled={last} onClick={() => onMove(1)} />
          <IconButton size="small" icon="trash" label={`Remove: ${name}`} onClick={onRemove} />
        </td>
      )}
    </tr>
  );
}

interface LayerFieldsProps {
  type: LayerType;
  name: string;
  layer: JsonObject;
  onField: (field: string, value: Json | undefined) => void;
}

function LayerFields({ type, name, layer, onField }: LayerFieldsProps) {
  const text = (field: string): string => {
    const value = layer[field];
    return typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  };
  return (
    <span className="layer-fields">
      {(LAYER_NUMBERS[type] ?? []).map(({ field, label }) => (
        <label key={field}>
          <span>{label}</span>
          <input
            className="input"
            inputMode="numeric"
            aria-label={`${name}: ${label}`}
            value={text(field)}
            onChange={(event) => onField(field, numberOrText(event.target.value) ?? '')}
          />
        </label>
      ))}
      {(LAYER_CHOICES[type] ?? []).map(({ field, label, options }) => (
        <label key={field}>
          <span>{label}</span>
          <select
            className="input select"
            aria-label={`${name}: ${label}`}
            value={text(field)}
            onChange={(event) => onField(field, event.target.value)}
          >
            {options.map((option) => (
              <option key={option}>{option}</option>
            ))}
          </select>
        </label>
      ))}
    </span>
  );
}

function settingsWords(described: DescribedLayer | undefined): string {
  return Object.entries(described?.spec ?? {})
    .filter(([field]) => field !== 'type')
    .map(([field, value]) => (typeof value === 'number' ? `${field} ${value}` : String(value)))
    .join(', ');
}
