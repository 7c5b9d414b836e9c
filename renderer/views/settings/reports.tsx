import type { Settings } from '../../../main/core/api.ts';
import { Card } from '../../components/card.tsx';
import { Checkbox, SelectField, Toggle } from '../../components/field.tsx';
import { changeSettings } from '../../state/settings.ts';

const FORMATS: readonly { value: Settings['reportFormats'][number]; label: string }[] = [
  { value: 'html', label: 'HTML, one file' },
  { value: 'pdf', label: 'PDF' },
  { value: 'csv', label: 'CSV' },
  { value: 'json', label: 'JSON' },
  { value: 'md', label: 'Markdown' },
  { value: 'tex', label: 'LaTeX tables' },
];

/** What reports hold, and what they leave out. */
export function Reports({ settings }: { settings: Settings }) {
  const chosen = settings.reportFormats;
  return (
    <Card title="Reports">
      <div className="settings-rows">
        <Toggle
          label="Host names and addresses in reports"
          hint="Off: devices are numbered. A report can still ask for them by itself."
          checked={settings.reportHosts}
          onChange={(reportHosts) => void changeSettings({ reportHosts })}
        />
        <fieldset className="settings-choices">
          <legend>Formats that are chosen at first</legend>
          {FORMATS.map(({ value, label }) => (
            <Checkbox
              key={value}
              label={label}
              checked={chosen.includes(value)}
              onChange={(on) =>
                void changeSettings({
                  reportFormats: on ? [...chosen, value] : chosen.filter((each) => each !== value),
                })
              }
            />
          ))}
        </fieldset>
      </div>
    </Card>
  );
}

const ON_CLOSE: readonly { value: Settings['onClose']; label: string }[] = [
  { value: 'ask', label: 'Ask what to do' },
  { value: 'keep', label: 'Keep training in the tray' },
  { value: 'stop', label: 'Write a checkpoint and stop' },
];

export function OnClose({ settings }: { settings: Settings }) {
  return (
    <Card title="Closing the window while a run trains">
      <div className="settings-fields">
        <SelectField
          label="Then"
          quiet
          value={settings.onClose}
          options={ON_CLOSE}
          onChange={(onClose) => void changeSettings({ onClose })}
        />
      </div>
    </Card>
  );
}
