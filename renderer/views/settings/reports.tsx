import type { Settings } from '../../../main/core/api.ts';
import { Card } from '../../components/card.tsx';
import { Checkbox, SelectField, Toggle } from '../../components/field.tsx';
import { appInfo } from '../../state/app.ts';
import { changeSettings } from '../../state/settings.ts';
import { useStore } from '../../state/store.ts';
import { REPORT_FORMATS } from '../report/report-formats.ts';

/** What reports hold, and what they leave out. */
export function Reports({ settings }: { settings: Settings }) {
  const chosen = settings.reportFormats;
  const info = useStore(appInfo);
  return (
    <Card title="Reports">
      <div className="settings-rows">
        <Toggle
          label="Host names and addresses in reports"
          hint="Off: devices are numbered, and addresses and paths left out. Each report starts from this, and may be asked for the other way."
          checked={settings.reportHosts}
          onChange={(reportHosts) => void changeSettings({ reportHosts })}
        />
        <fieldset className="settings-choices">
          <legend>Formats that are chosen at first</legend>
          {REPORT_FORMATS.map(({ format, label }) => (
            <Checkbox
              key={format}
              label={label}
              checked={chosen.includes(format)}
              onChange={(on) =>
                void changeSettings({
                  reportFormats: on ? [...chosen, format] : chosen.filter((each) => each !== format),
                })
              }
            />
          ))}
        </fieldset>
        {info !== null && (
          <p className="muted settings-place">
            Reports and models that are exported are kept in {exportsIn(info.dataDirectory)}. Nothing there is deleted
            with its run.
          </p>
        )}
      </div>
    </Card>
  );
}

/** As the control plane has it, on the machine that it runs on. */
function exportsIn(dataDirectory: string): string {
  return `${dataDirectory}${dataDirectory.includes('\\') ? '\\' : '/'}exports`;
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
