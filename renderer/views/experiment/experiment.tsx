import { useCallback, useEffect, useMemo, useState } from 'react';
import type { CallInput } from '../../../main/core/api.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { Pane } from '../../frame/pane.tsx';
import { Screen } from '../../frame/screen.tsx';
import { useCommands } from '../../state/commands.ts';
import { ask, perform } from '../../state/control-plane.ts';
import { jobEnd } from '../../state/jobs.ts';
import { href, navigate, route } from '../../state/route.ts';
import { useStore } from '../../state/store.ts';
import { showToast } from '../../state/toasts.ts';
import { catalogue, loadCatalogue } from './catalogue.ts';
import { DataCard } from './data-card.tsx';
import { draft, setDraft, setField, type JsonObject } from './draft.ts';
import { ModelCard } from './model-card.tsx';
import { PolicyCard } from './policy-card.tsx';
import { SavedMenu } from './saved-menu.tsx';
import { SimulateDialog } from './simulate-dialog.tsx';
import { Summary } from './summary.tsx';
import { AllocationCard, EncodingCard, OptimizerCard, StopCard } from './training-card.tsx';
import { check, checked, useValidation, verdictOn } from './validation.ts';
import { WorkersCard } from './workers-card.tsx';
import './experiment.css';

const DEFAULT_CLUSTER = 'hermes-12';

type Start =
  { kind: 'train' } | { kind: 'simulate'; cluster: CallInput<'runs.simulate'>['cluster']; timingOnly: boolean };

export default function Experiment() {
  const { config, saved } = useStore(draft);
  const verdict = useValidation(config);
  const known = useStore(catalogue);
  const [simulating, setSimulating] = useState(false);
  const [job, setJob] = useState<string | null>(null);
  const [last, setLast] = useState<Start>({ kind: 'train' });
  useRequest();

  // While it is being checked the buttons stay as they were: `start` waits for the answer.
  const [answered, setAnswered] = useState(verdict);
  if (verdict !== 'checking' && verdict !== answered) setAnswered(verdict);
  const ready = answered === 'ready';
  const [starting, setStarting] = useState(false);

  const start = useCallback(async (how: Start): Promise<void> => {
    const now = draft.get().config;
    setLast(how);
    setStarting(true);
    const known = verdictOn(now, checked.get());
    if ((known === 'checking' ? await check(now) : known) !== 'ready') {
      setStarting(false);
      showToast('Not started: see what the check says.', { tone: 'bad' });
      return;
    }
    const started =
      how.kind === 'train'
        ? await perform('runs.start', { config: now as never })
        : await perform('runs.simulate', { cluster: how.cluster, config: now as never, timingOnly: how.timingOnly });
    setJob(started?.job ?? null);
    const ended = started === undefined ? undefined : await jobEnd(started.job);
    setStarting(false);
    if (ended?.outcome?.kind === 'run') navigate(href('runs', ended.outcome.run));
  }, []);

  useCommands(
    useMemo(
      () =>
        // What its buttons would not do now is no command either.
        ready && !starting
          ? [
              {
                id: 'train',
                title: 'Start training',
                group: 'Experiment',
                keys: 'Mod+Enter',
                run: () => void start({ kind: 'train' }),
              },
              { id: 'simulate-first', title: 'Simulate first', group: 'Experiment', run: () => setSimulating(true) },
            ]
          : [],
      [start, ready, starting],
    ),
  );

  return (
    <Screen
      title="Experiment"
      note={saved?.name}
      actions={
        <>
          <SavedMenu />
          <Button disabled={!ready || starting} onClick={() => setSimulating(true)}>
            Simulate first
          </Button>
          <Button
            kind="primary"
            busy={starting}
            disabled={!ready && !starting}
            onClick={() => void start({ kind: 'train' })}
          >
            Start training
          </Button>
        </>
      }
    >
      {known.error !== null && (
        <ErrorNotice
          title="What there is to choose from is not known"
          error={known.error}
          actions={
            <Button size="small" icon="refresh" onClick={loadCatalogue}>
              Ask again
            </Button>
          }
        />
      )}
      <div className="experiment">
        <div className="experiment-parts">
          <Pane name="the data set">
            <DataCard />
          </Pane>
          <Pane name="the model">
            <ModelCard />
          </Pane>
          <WorkersCard />
          <Pane name="the policy">
            <PolicyCard />
          </Pane>
          <AllocationCard />
          <OptimizerCard />
          <EncodingCard />
          <StopCard />
        </div>
        <Summary verdict={verdict} job={job} onAgain={() => void start(last)} />
      </div>
      {simulating && (
        <SimulateDialog
          initial={DEFAULT_CLUSTER}
          onClose={() => setSimulating(false)}
          onStart={(cluster, timingOnly) => {
            setSimulating(false);
            void start({ kind: 'simulate', cluster, timingOnly });
          }}
        />
      )}
    </Screen>
  );
}

/** What the address asks for: so many local workers, devices alone, or the settings of a run that is kept. */
function useRequest(): void {
  const { query } = useStore(route);
  const local = query.get('local');
  const run = query.get('run');
  const devices = query.get('devices');
  useEffect(() => {
    if (devices !== undefined) trainOn(devices);
    if (local !== undefined && /^\d{1,3}$/.test(local)) setField('workers.local', Number(local));
    if (run !== undefined) {
      void ask('runs.find', { run }).then((answer) => {
        if (answer.ok) setDraft({ saved: null, config: answer.value.config as unknown as JsonObject });
      });
    }
    if ([local, run, devices].some((asked) => asked !== undefined)) navigate(href('experiment'), 'replace');
  }, [local, run, devices]);
}

/** @param names A JSON list, as the address has it; anything else is passed over. */
function trainOn(names: string): void {
  try {
    const list: unknown = JSON.parse(names);
    if (!Array.isArray(list) || !list.every((name) => typeof name === 'string')) return;
    setField('workers', { local: 0, devices: list });
  } catch {
    // Typed by hand, and not a list.
  }
}
