/** What the desktop shell's menu asks of the page: nothing of it is loaded again, so nothing half typed is lost. */
import { bridge } from '../state/control-plane.ts';
import { navigate } from '../state/route.ts';
import { paletteOpen } from './palette.tsx';

export function followNativeMenu(): void {
  bridge().onCommand?.((command) => {
    if (command.kind === 'palette') paletteOpen.set(true);
    else navigate(command.route);
  });
}
