/** A label, its control, what it means, and what is wrong with it: always tied together for screen readers. */
import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react';
import './field.css';

export interface FieldProps {
  label: ReactNode;
  /** One line under the control. */
  hint?: ReactNode;
  /** What is wrong, with the range that is allowed. */
  error?: string | undefined;
  /** Takes the label out of sight, not out of reach. */
  quiet?: boolean;
  /** The control stands beside its label instead of under it. */
  inline?: boolean;
  children: (control: ControlProps) => ReactNode;
}

export interface ControlProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

export function Field({ label, hint, error, quiet = false, inline = false, children }: FieldProps) {
  const id = useId();
  const said = error !== undefined ? `${id}-error` : hint !== undefined ? `${id}-hint` : undefined;
  return (
    <div className={`field${inline ? ' inline' : ''}`} data-invalid={error !== undefined || undefined}>
      <label htmlFor={id} className={quiet ? 'unseen' : 'field-label'}>
        {label}
      </label>
      <div className="field-body">
        {children({ id, 'aria-describedby': said, 'aria-invalid': error === undefined ? undefined : true })}
        {error !== undefined ? (
          <p id={`${id}-error`} className="field-error">
            {error}
          </p>
        ) : hint !== undefined ? (
          <p id={`${id}-hint`} className="field-hint">
            {hint}
          </p>
        ) : null}
      </div>
    </div>
  );
}

type Shell = Omit<FieldProps, 'children'>;

export interface TextFieldProps
  extends Shell, Omit<InputHTMLAttributes<HTMLInputElement>, keyof Shell | 'onChange' | 'value'> {
  value: string;
  onChange: (value: string) => void;
  /** Shown inside the control after the value: `ms`, `rows`. */
  unit?: string | undefined;
  mono?: boolean;
}

export function TextField({
  label,
  hint,
  error,
  quiet,
  inline,
  value,
  onChange,
  unit,
  mono = false,
  ...rest
}: TextFieldProps) {
  return (
    <Field {...shell({ label, hint, error, quiet, inline })}>
      {(control) => (
        <span className="input-box">
          <input
            autoComplete="off"
            spellCheck={false}
            {...rest}
            {...control}
            className={mono ? 'input mono' : 'input'}
            data-autofocus={rest.autoFocus}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          {unit && <span className="input-unit">{unit}</span>}
        </span>
      )}
    </Field>
  );
}

export interface NumberFieldProps extends Omit<TextFieldProps, 'value' | 'onChange' | 'type' | 'inputMode'> {
  /** As typed: a half-written number is not thrown away. */
  value: string;
  onChange: (value: string) => void;
}

/** Text that should become a number: no spinner, no wheel, no lost keystrokes. */
export function NumberField(props: NumberFieldProps) {
  return <TextField {...props} inputMode="decimal" />;
}

export interface TextAreaFieldProps
  extends Shell, Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, keyof Shell | 'onChange' | 'value'> {
  value: string;
  onChange: (value: string) => void;
}

export function TextAreaField({ label, hint, error, quiet, inline, value, onChange, ...rest }: TextAreaFieldProps) {
  return (
    <Field {...shell({ label, hint, error, quiet, inline })}>
      {(control) => (
        <textarea
          spellCheck={false}
          {...rest}
          {...control}
          className="input mono"
          data-autofocus={rest.autoFocus}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

export interface SelectFieldProps<T extends string>
  extends Shell, Omit<SelectHTMLAttributes<HTMLSelectElement>, keyof Shell | 'onChange' | 'value'> {
  value: T;
  options: readonly { value: T; label: string; disabled?: boolean }[];
  onChange: (value: T) => void;
}

export function SelectField<T extends string>(props: SelectFieldProps<T>) {
  const { label, hint, error, quiet, inline, value, options, onChange, ...rest } = props;
  return (
    <Field {...shell({ label, hint, error, quiet, inline })}>
      {(control) => (
        <select
          {...rest}
          {...control}
          className="input select"
          value={value}
          onChange={(event) => {
            const chosen = options[event.target.selectedIndex];
            if (chosen !== undefined) onChange(chosen.value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} disabled={option.disabled}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Leaves out what was not given, which is not the same as undefined. */
function shell({ label, hint, error, quiet, inline }: { [K in keyof Shell]: Shell[K] | undefined }): Shell {
  return {
    label,
    error,
    ...(hint === undefined ? {} : { hint }),
    ...(quiet === undefined ? {} : { quiet }),
    ...(inline === undefined ? {} : { inline }),
  };
}

export interface CheckProps {
  label: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: ReactNode;
  disabled?: boolean;
}

export function Checkbox({ label, checked, onChange, hint, disabled = false }: CheckProps) {
  return <Check kind="checkbox" {...{ label, checked, onChange, hint, disabled }} />;
}

/** A switch: takes effect at once. */
export function Toggle({ label, checked, onChange, hint, disabled = false }: CheckProps) {
  return <Check kind="toggle" {...{ label, checked, onChange, hint, disabled }} />;
}

function Check({ kind, label, checked, onChange, hint, disabled }: CheckProps & { kind: 'checkbox' | 'toggle' }) {
  const id = useId();
  return (
    <div className="check">
      <input
        id={id}
        type="checkbox"
        role={kind === 'toggle' ? 'switch' : undefined}
        className={kind}
        checked={checked}
        disabled={disabled}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint !== undefined && (
          <p id={`${id}-hint`} className="field-hint">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
