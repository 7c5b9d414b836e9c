/** One policy of a race: whether it takes part, with which options, and how often. */
import type { Policy } from '../../../main/core/policy/policy.ts';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/field.tsx';
import { PolicyOption } from '../../components/policy-option.tsx';
import type { RaceSettings } from './race-settings.ts';
import { optionsInWords, type Variant, variantsOf, withOneMore, withoutVariants, withVariant } from './variants.ts';

/** More rows than this no table shows well. */
const MAX_VARIANTS = 32;

interface PolicyVariantsProps {
  policy: Policy;
  settings: RaceSettings;
  onChange: (settings: RaceSettings) => void;
}

export function PolicyVariants({ policy, settings, onChange }: PolicyVariantsProps) {
  const { name, title, summary } = policy;
  const own = variantsOf(settings, name);
  return (
    <div>
      <Checkbox
        label={title}
        hint={summary}
        checked={own.length > 0}
        onChange={(on) =>
          onChange(
            on
              ? withOneMore(settings, name)
              : withoutVariants(
                  settings,
                  own.map(({ key }) => key),
                ),
          )
        }
      />
      {own.length > 0 && (
        <div className="race-variants">
          {own.map((variant) => (
            <VariantOptions
              key={variant.key}
              {...{ policy, variant }}
              onChange={(options) => onChange(withVariant(settings, variant.key, options))}
              onMore={settings.variants.length < MAX_VARIANTS ? () => onChange(withOneMore(settings, name)) : undefined}
              onRemove={own.length > 1 ? () => onChange(withoutVariants(settings, [variant.key])) : undefined}
            />
          ))}
        </div>
      )}
    </div>
  );
}

interface VariantOptionsProps {
  policy: Policy;
  variant: Variant;
  onChange: (options: Variant['options']) => void;
  onMore: (() => void) | undefined;
  onRemove: (() => void) | undefined;
}

function VariantOptions({ policy, variant, onChange, onMore, onRemove }: VariantOptionsProps) {
  const { options } = variant;
  const schema = Object.entries(policy.options);
  return (
    <details className="race-variant">
      <summary>
        Options: <b>{optionsInWords(variant)}</b>
      </summary>
      <div className="race-variant-body">
        {schema.length === 0 && <p className="muted">This policy has no options.</p>}
        {schema.map(([name, spec]) => (
          <PolicyOption
            key={name}
            {...{ name, spec }}
            value={options[name]}
            onChange={(value) => {
              const { [name]: _, ...others } = options;
              onChange(value === undefined ? others : { ...others, [name]: value });
            }}
          />
        ))}
        <div className="race-variant-foot">
          {policy.faithful !== undefined && (
            <Button size="small" onClick={() => onChange(policy.faithful ?? {})}>
              As released
            </Button>
          )}
          <Button size="small" disabled={Object.keys(options).length === 0} onClick={() => onChange({})}>
            Back to defaults
          </Button>
          {onMore !== undefined && schema.length > 0 && (
            <Button size="small" icon="plus" onClick={onMore}>
              Race it once more with other options
            </Button>
          )}
          {onRemove !== undefined && (
            <Button size="small" icon="trash" onClick={onRemove}>
              Remove this one
            </Button>
          )}
        </div>
      </div>
    </details>
  );
}
