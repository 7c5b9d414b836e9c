/** The frame around every screen: rail, strip, palette, messages. */
import { Suspense, useEffect, useMemo, useRef } from 'react';
import { Button } from '../components/button.tsx';
import { EmptyState, Skeleton } from '../components/empty-state.tsx';
import { ToastShelf } from '../components/toast.tsx';
import { type Command, useCommands } from '../state/commands.ts';
import { href, navigate, route } from '../state/route.ts';
import { useStore } from '../state/store.ts';
import { changeTheme } from '../state/settings.ts';
import { Palette, paletteOpen } from './palette.tsx';
import { Pane } from './pane.tsx';
import { Rail } from './rail.tsx';
import { Screen } from './screen.tsx';
import { SCREENS } from './screens.ts';
import { followShortcuts } from './shortcuts.ts';
import { Strip } from './strip.tsx';
import './shell.css';

const HOME = SCREENS[0]?.id ?? '';

export function Shell() {
  const { path } = useStore(route);
  const current = path[0] ?? HOME;
  const entry = SCREENS.find(({ id }) => id === current);
  const main = useRef<HTMLElement>(null);

  useEffect(followShortcuts, []);
  useCommands(useMemo(() => generalCommands(), []));
  useEffect(() => {
    document.title = entry === undefined ? 'Caduceus' : `${entry.title} – Caduceus`;
  }, [entry]);

  return (
    <div className="shell">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <Rail current={current} />
      <Strip />
      <main ref={main} id="main" tabIndex={-1} className="shell-main">
        <Pane key={current} name={entry?.title ?? 'the screen'}>
          <Suspense fallback={<Waiting />}>{entry === undefined ? <NoSuchScreen /> : <entry.component />}</Suspense>
        </Pane>
      </main>
      <ToastShelf />
      <Palette />
    </div>
  );
}

function Waiting() {
  return (
    <div className="shell-waiting">
      <Skeleton label="Loading the screen" />
    </div>
  );
}

function NoSuchScreen() {
  return (
    <Screen title="Nothing here">
      <EmptyState
        icon="question"
        title="There is no screen at this address"
        actions={<Button onClick={() => navigate(href(HOME))}>Go to the first screen</Button>}
      />
    </Screen>
  );
}

function generalCommands(): Command[] {
  return [
    ...SCREENS.map((entry) => ({
      id: `go-${entry.id}`,
      title: `Go to ${entry.title.toLowerCase()}`,
      group: 'Go',
      keys: `G then ${entry.key}`,
      run: () => navigate(href(entry.id)),
    })),
    { id: 'palette', title: 'Find a command', group: 'General', keys: 'Mod+K', run: () => paletteOpen.set(true) },
    { id: 'theme-light', title: 'Light colours', group: 'Look', words: 'theme', run: () => changeTheme('light') },
    { id: 'theme-dark', title: 'Dark colours', group: 'Look', words: 'theme', run: () => changeTheme('dark') },
    {
      id: 'theme-system',
      title: 'Colours as the system has them',
      group: 'Look',
      words: 'theme',
      run: () => changeTheme('system'),
    },
  ];
}
