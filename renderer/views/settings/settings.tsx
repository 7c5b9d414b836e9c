import { Skeleton } from '../../components/empty-state.tsx';
import { Notice } from '../../components/notice.tsx';
import { Screen } from '../../frame/screen.tsx';
import { appInfo } from '../../state/app.ts';
import { settings } from '../../state/settings.ts';
import { useStore } from '../../state/store.ts';
import { About, Diagnostics } from './about.tsx';
import { Appearance } from './appearance.tsx';
import { AtOnce, DataPlace, Listening } from './places.tsx';
import { OnClose, Reports } from './reports.tsx';
import './settings.css';

export default function Settings() {
  const known = useStore(settings);
  const info = useStore(appInfo);
  return (
    <Screen title="Settings" note={known === null ? undefined : `kept in ${known.path}`}>
      <div className="settings">
        {typeof known?.putAside === 'string' && (
          <Notice tone="warn" title="The settings could not be read">
            The file was put aside as {known.putAside}; these are the defaults.
          </Notice>
        )}
        <Appearance />
        {known === null ? (
          <Skeleton label="Asking for the settings" />
        ) : (
          <>
            <DataPlace settings={known.settings} />
            <Listening settings={known.settings} />
            <AtOnce settings={known.settings} />
            <Reports settings={known.settings} />
            {info?.host === 'desktop' && <OnClose settings={known.settings} />}
          </>
        )}
        <Diagnostics />
        <About />
      </div>
    </Screen>
  );
}
