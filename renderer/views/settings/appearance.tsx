import { Card } from '../../components/card.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { useStore } from '../../state/store.ts';
import { chooseTheme, theme, type Theme } from '../../state/theme.ts';

const CHOICES: readonly { value: Theme; label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

export function Appearance() {
  return (
    <Card title="Colours" note="High contrast and reduced motion follow the system">
      <Segmented label="Colours" value={useStore(theme)} options={CHOICES} onChange={chooseTheme} />
    </Card>
  );
}
