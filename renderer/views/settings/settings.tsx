import { Screen } from '../../frame/screen.tsx';
import { Appearance } from './appearance.tsx';

export default function Settings() {
  return (
    <Screen title="Settings">
      <Appearance />
    </Screen>
  );
}
