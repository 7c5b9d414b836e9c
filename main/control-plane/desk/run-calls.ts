/** The calls about runs. */
import type { JobStarted } from '../../core/api.ts';
import type { ControlPlaneApi, RunHandle, RunObserver } from '../../core/control-plane-api.ts';
import type { RunRecord } from '../../core/metrics.ts';
import type { Settings } from '../../core/settings.ts';
import type { Store } from '../../store/runs.ts';
import type { CallHandlers } from '../bridge-host.ts';
import { chosenCluster, draftOf, withDefaults } from './drafts.ts';
import type { Exports } from './exports.ts';
import type { Jobs } from './jobs.ts';
import type { OutputFiles } from './output-files.ts';
import type { RunsDesk } from './runs-desk.ts';
import { addWorker, dropWorker, setOptions } from './steering.ts';

export interface RunCallParts {
  controlPlane: ControlPlaneApi;
  store: Store;
  runs: RunsDesk;
  jobs: Jobs;
  files: OutputFiles;
  exports: Exports;
  settings(): Settings;
}

export function runCalls(parts: RunCallParts): Pick<CallHandlers, Extract<keyof CallHandlers, `runs.${string}`>> {
  const { controlPlane, store, runs, jobs, files, exports, settings } = parts;
  const { live } = runs;
  return {
    'runs.list': (input) => runs.list(input),
    'runs.find': ({ run }) => runs.detail(run),
    'runs.rename': (input) => runs.rename(input),
    'runs.remove': (input) => (runs.remove(input.runs), null),
    'runs.restore': (input) => (runs.restore(input.runs), null),
    'runs.start': ({ config }) => {
      const draft = draftOf(withDefaults(config, settings()));
      return begin(parts, { kind: 'start', title: `Start ${titleOf(config)}`, virtual: false }, (watch) =>
        controlPlane.startRun(draft, watch),
      );
    },
    'runs.simulate': ({ cluster, config, timingOnly }) => {
      const draft = draftOf(withDefaults(config, settings()));
      const request = { cluster: chosenCluster(cluster), config: draft, timingOnly };
      return begin(parts, { kind: 'simulate', title: `Simulate ${titleOf(config)}`, virtual: true }, (watch) =>
        controlPlane.simulate(request, watch),
      );
    },
    'runs.resume': ({ run: wanted }) => {
      const { run } = runs.detail(wanted);
      const before = (): Iterable<RunRecord> => store.reader(run).inOrder();
      return begin(parts, { kind: 'resume', title: `Resume ${run}`, virtual: false, before }, (watch) =>
        controlPlane.resumeRun(run, watch),
      );
    },
    'runs.stop': ({ run }) => (live.handle(run).stop(), null),
    'runs.finish': ({ run }) => (live.handle(run).finish(), null),
    'runs.pause': ({ run }) => (live.handle(run).pause(), runs.tellDetail(run), null),
    'runs.continue': ({ run }) => (live.handle(run).resume(), runs.tellDetail(run), null),
    'runs.addWorker': ({ run, worker }) => addWorker(live.handle(run), worker),
    'runs.dropWorker': ({ run, worker }) => (dropWorker(live.handle(run), worker), null),
    'runs.setOptions': ({ run, options }) => {
      setOptions(live.handle(run), options);
      return runs.tellDetail(run);
    },
    'runs.open': ({ run }) => runs.open(run),
    'runs.records': (input) => runs.records(input),
    'runs.measuredCluster': ({ run }) => controlPlane.measuredCluster(run),
    'runs.replay': ({ run }) =>
      jobs.start({
        kind: 'replay',
        title: `Replay ${run}`,
        cancellable: true,
        work: async ({ signal, progress }) => {
          const observer = { signal, onProgress: progress };
          const { decisions, matched, firstDifference } = await controlPlane.replay(run, observer);
          return { kind: 'replay', decisions, matched, firstDifference };
        },
      }),
    'runs.exportModel': ({ run: wanted }) => {
      const { run } = runs.detail(wanted);
      return files.add(controlPlane.exportModel(run, exports.free(`${run}.safetensors`)));
    },
    'runs.report': (input) => {
      const includeHosts = input.includeHosts ?? settings().reportHosts;
      return jobs.start({
        kind: 'report',
        title: input.runs.length === 1 ? `Report on ${input.runs[0]}` : `Report on ${input.runs.length} runs`,
        cancellable: true,
        work: async ({ signal, stage, progress }) => {
          const onProgress = (done: number, of: number, next: string): void => {
            if (next !== '') stage(next);
            progress(done, of);
          };
          const { path, contents } = await exports.keep(
            (directory) => controlPlane.writeReports({ ...input, includeHosts, directory }, { signal, onProgress }),
            signal,
          );
          return { kind: 'file', file: files.add(path), contents };
        },
      });
    },
  };
}

interface Beginning {
  kind: 'start' | 'simulate' | 'resume';
  title: string;
  virtual: boolean;
  before?: () => Iterable<RunRecord>;
}

/** The job is done as soon as the run is under way; the run itself is followed by its channel. */
function begin(
  { jobs, runs }: RunCallParts,
  { kind, title, virtual, before }: Beginning,
  start: (observer: RunObserver) => Promise<RunHandle>,
): JobStarted {
  return jobs.start({
    kind,
    title,
    cancellable: true,
    work: async ({ signal, stage }) => {
      const run = await runs.live.begin(start, { virtual, onStage: stage, signal, ...(before && { before }) });
      if (!signal.aborted) return { kind: 'run', run };
      // Cancelled with its very last step: what trains already ends as a run that its user stopped.
      const handle = runs.live.handle(run);
      handle.stop();
      await handle.whenDone;
      return { kind: 'run', run };
    },
  });
}

function titleOf(config: Readonly<Record<string, unknown>>): string {
  const { name, policy } = config;
  if (typeof name === 'string' && name !== '') return name.slice(0, 80);
  return typeof policy === 'string' ? policy.slice(0, 80) : 'a run';
}
