/** A cluster that is only described, and policies raced on it in virtual time. */
import { useEffect, useState } from 'react';
import type { CallInput, Catalogue } from '../../../main/core/api.ts';
import type { Cluster } from '../../../main/core/cluster.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { allocationName } from '../../../main/core/policy/allocation-words.ts';
import { Button } from '../../components/button.tsx';
import { Skeleton } from '../../components/empty-state.tsx';
import { SelectField } from '../../components/field.tsx';
import { ErrorNotice, Notice } from '../../components/notice.tsx';
import { Screen } from '../../frame/screen.tsx';
import { useCommand } from '../../state/commands.ts';
import { ask, perform } from '../../state/control-plane.ts';
import { jobEnd } from '../../state/jobs.ts';
import { href, navigate, route } from '../../state/route.ts';
import { clusterOfSimulated, simulatedDevices } from '../../state/simulated-devices.ts';
import { useStore } from '../../state/store.ts';
import { showFailure } from '../../state/toasts.ts';
import { ComparisonExport } from '../compare/export-menu.tsx';
import { ComparisonView } from '../compare/comparison-view.tsx';
import { type ClusterDraft, clusterOf, draftOf, edited } from './cluster-draft.ts';
import { ClusterEditor } from './cluster-editor.tsx';
import { RaceForm } from './race-form.tsx';
import { RaceProgress } from './race-progress.tsx';
import { configOf, isReady, type RaceSettings, targetOf, USUAL } from './race-settings.ts';
import { contendersOf, raceWords } from './variants.ts';
import { race as raceStore, startRace } from './race-store.ts';
import './simulate.css';

/** Unequal enough to tell policies apart, small enough to be quick. */
const FIRST_CLUSTER = 'hermes-12';
/** Not the name of a preset. */
const OWN_DEVICES = ' simulated devices';

export default function Simulate() {
  const [catalogue, setCatalogue] = useState<Catalogue | null>(null);
  const [error, setError] = useState<ErrorReport | null>(null);
  useEffect(() => {
    void ask('app.catalogue', {}).then((answer) => (answer.ok ? setCatalogue(answer.value) : setError(answer.error)));
  }, []);
  if (catalogue === null) {
    return (
      <Screen title="Simulate">
        {error === null ? <Skeleton label="Looking for clusters" lines={6} /> : <ErrorNotice error={error} />}
      </Screen>
    );
  }
  return <Ready catalogue={catalogue} />;
}

/** What was being set up is still there when the screen is come back to. */
let kept: { settings: RaceSettings; draft: ClusterDraft | null; preset: string } = {
  settings: USUAL,
  draft: null,
  preset: FIRST_CLUSTER,
};

function Ready({ catalogue }: { catalogue: Catalogue }) {
  const { query } = useStore(route);
  const measured = query.get('measured');
  const simulated = useStore(simulatedDevices);
  const wantsSimulated = query.get('devices') === 'simulated' && simulated.length > 0;
  const isElsewhere = measured !== undefined || wantsSimulated;
  const [settings, setSettings] = useState(kept.settings);
  const [draft, setDraft] = useState(isElsewhere ? null : kept.draft);
  const [preset, setPreset] = useState(isElsewhere ? '' : kept.preset);
  const [error, setError] = useState<ErrorReport | null>(null);
  const [busy, setBusy] = useState(false);
  const race = useStore(raceStore);

  useEffect(() => {
    kept = { settings, draft, preset };
  }, [settings, draft, preset]);

  useEffect(() => {
    let isWanted = true;
    const take = (cluster: Cluster | null, failure: ErrorReport | null): void => {
      if (!isWanted) return;
      if (cluster !== null) setDraft(draftOf(cluster));
      setError(failure);
    };
    if (measured !== undefined) {
      void ask('runs.measuredCluster', { run: measured }).then((answer) =>
        answer.ok ? take(answer.value, null) : take(null, answer.error),
      );
    } else if (wantsSimulated) {
      void readCluster(clusterOfSimulated(simulatedDevices.get()), (cluster, failure) => {
        take(cluster, failure);
        if (isWanted) setPreset(OWN_DEVICES);
      });
    } else if (kept.draft === null) void readCluster(kept.preset, take);
    return () => {
      isWanted = false;
    };
  }, [measured, wantsSimulated]);

  const choose = (name: string): void => {
    setPreset(name);
    const wanted = name === OWN_DEVICES ? clusterOfSimulated(simulatedDevices.get()) : name;
    void readCluster(wanted, (cluster, failure) => {
      if (cluster !== null) setDraft(draftOf(cluster));
      setError(failure);
    });
  };

  // The devices that it was made of may have been removed since; what it holds is then one of its own.
  const shownPreset = preset === OWN_DEVICES && simulated.length === 0 ? '' : preset;
  const contenders = contendersOf(settings);
  const begin = async (): Promise<void> => {
    if (draft === null) return;
    setBusy(true);
    setError(null);
    const request = {
      cluster: sentCluster(draft),
      config: configOf(settings),
      variants: contenders.map(({ label, policy, options }) => ({ label, policy, options: { ...options } })),
      seeds: Number(settings.seeds),
      tune: Number(settings.tune),
      timingOnly: settings.timingOnly,
    };
    setError(
      (await startRace(request, ['solo', 'ideal', ...contenders.map(({ label }) => label)], targetOf(settings))) ??
        null,
    );
    setBusy(false);
  };
  const watch = async (): Promise<void> => {
    const [contender] = contenders;
    if (draft === null || contender === undefined) return;
    const { policy, options } = contender;
    setBusy(true);
    const started = await perform('runs.simulate', {
      cluster: sentCluster(draft),
      config: { ...configOf(settings), policy, options: { ...options }, name: `${draft.name} ${policy}`.slice(0, 80) },
      timingOnly: settings.timingOnly,
    });
    if (started !== undefined) {
      const { outcome, error: failure } = await jobEnd(started.job);
      if (failure !== null) showFailure(failure);
      if (outcome?.kind === 'run') navigate(href('runs', outcome.run));
    }
    setBusy(false);
  };

  const isRacing = race?.state === 'running';
  const canStart = draft !== null && isReady(settings) && !busy;
  useCommand(
    canStart && !isRacing ? { title: raceWords(contenders), group: 'Simulate', run: () => void begin() } : null,
  );
  useCommand(
    canStart && contenders.length === 1
      ? { title: 'Simulate one run', group: 'Simulate', run: () => void watch() }
      : null,
  );
  return (
    <Screen
      title="Simulate"
      note="policies raced in virtual time, with the code that trains for real"
      actions={
        <>
          <Button
            disabled={contenders.length !== 1 || draft === null || !isReady(settings)}
            title={contenders.length === 1 ? 'One run, kept with all its records' : 'Choose one policy alone'}
            busy={busy}
            onClick={() => void watch()}
          >
            Simulate one run
          </Button>
          <Button
            kind="primary"
            busy={busy || isRacing}
            disabled={draft === null || !isReady(settings)}
            onClick={() => void begin()}
          >
            {raceWords(contenders)}
          </Button>
        </>
      }
    >
      <div className="simulate">
        {error !== null && <ErrorNotice title="This cannot be simulated" error={error} />}
        {race !== null && race.state === 'running' && <RaceProgress race={race} />}
        {race !== null && race.error !== null && race.state !== 'cancelled' && (
          <ErrorNotice title="The race failed" error={race.error} />
        )}
        {race !== null && race.state === 'cancelled' && (
          <Notice title="The race was cancelled">Nothing of it is kept.</Notice>
        )}
        {race !== null && race.result !== null && (
          <section aria-label="Result of the race">
            <div className="simulate-result">
              <p className="muted">
                {race.result.cluster}, {race.result.model} on {race.result.dataset}, seeds{' '}
                {race.result.seeds.join(', ')}
                {race.result.allocation !== 'policy' && `, allocation ${allocationName(race.result.allocation)}`}
                {race.timingOnly && '; timing only: accuracies are those of a small stand-in problem'}
              </p>
              <ComparisonExport of={{ job: race.job }} />
            </div>
            <ComparisonView
              rows={race.result.rows}
              target={race.result.targetAccuracy}
              about={`race ${race.result.cluster}`}
            />
          </section>
        )}
        {draft === null ? (
          error === null && <Skeleton label="Reading the cluster" lines={4} />
        ) : (
          <ClusterEditor
            draft={draft}
            pick={
              <div className="cluster-pick">
                <SelectField
                  label="Cluster"
                  quiet
                  value={shownPreset}
                  options={[
                    ...(shownPreset === ''
                      ? [{ value: '', label: measured === undefined ? 'edited' : `as measured in ${measured}` }]
                      : []),
                    ...(simulated.length > 0
                      ? [{ value: OWN_DEVICES, label: `simulated devices (${simulated.length})` }]
                      : []),
                    ...catalogue.clusters.map(({ name, devices }) => ({ value: name, label: `${name} (${devices})` })),
                  ]}
                  onChange={choose}
                />
              </div>
            }
            onChange={(changed) => {
              setDraft(edited(changed));
              setPreset('');
            }}
          />
        )}
        <RaceForm catalogue={catalogue} settings={settings} onChange={setSettings} />
      </div>
    </Screen>
  );
}

async function readCluster(
  chosen: CallInput<'experiment.readCluster'>['cluster'],
  take: (cluster: Cluster | null, failure: ErrorReport | null) => void,
): Promise<void> {
  const answer = await ask('experiment.readCluster', { cluster: chosen });
  if (!answer.ok) take(null, answer.error);
  else take(answer.value.cluster, null);
}

/** As plain JSON: fields that are not there are left out. */
function sentCluster(draft: ClusterDraft): CallInput<'comparisons.simulate'>['cluster'] {
  return JSON.parse(JSON.stringify(clusterOf(draft))) as CallInput<'comparisons.simulate'>['cluster'];
}
