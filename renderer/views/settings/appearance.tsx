import type { Settings } from '../../../main/core/api.ts';
import { Card } from '../../components/card.tsx';
import { Toggle } from '../../components/field.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { changeSettings, changeTheme, settings } from '../../state/settings.ts';
import { useStore } from '../../state/store.ts';
import { theme } from '../../state/theme.ts';

const THEMES: readonly { value: Settings['theme']; label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

export function Appearance() {
  const known = useStore(settings);
  return (
    <Card title="Look">
      <div className="settings-rows">
        <div className="settings-row">
          <span id="theme-name">Colours</span>
          <Segmented label="Colours" value={useStore(theme)} options={THEMES} onChange={changeTheme} />
        </div>
        {known !== null && (
          <Toggle
            label="Less motion"
            hint="In addition to what the system asks for. Charts never animate."
            checked={known.settings.motion === 'reduced'}
            onChange={(on) => void changeSettings({ motion: on ? 'reduced' : 'system' })}
          />
        )}
      </div>
    </Card>
  );
}
