/**
 * The control plane as windows know it: every call and every channel of `core/api.ts`, over the façade,
 * the store and what goes on now. Both bridges host one of these.
 */
import { arch, availableParallelism, platform, release } from 'node:os';
import type { AppInfo, Capabilities, OutputFile } from '../../core/api.ts';
import type { ControlPlaneApi } from '../../core/control-plane-api.ts';
import type { DevicesApi } from '../../core/device.ts';
import { describeModel } from '../../core/model-draft.ts';
import { modelNamed } from '../../core/model.ts';
import type { Store } from '../../store/runs.ts';
import type { BridgeService, CallHandlers, ChannelSources } from '../bridge-host.ts';
import { VERSION } from '../version.ts';
import { catalogueOf } from './catalogue.ts';
import { ComparisonsDesk } from './comparisons-desk.ts';
import { deviceCalls, followLog } from './device-calls.ts';
import { type InternalErrorEntry, writeDiagnostics } from './diagnostics.ts';
import { readCluster, withDefaults, withFolder } from './drafts.ts';
import { validateDraft } from './experiment-draft.ts';
import { Exports } from './exports.ts';
import { Jobs } from './jobs.ts';
import { LoadMeter } from './load-meter.ts';
import { Notices } from './notices.ts';
import { OutputFiles } from './output-files.ts';
import { Previews } from './previews.ts';
import { runCalls } from './run-calls.ts';
import { RunsDesk } from './runs-desk.ts';
import { SavedExperiments } from './saved-experiments.ts';
import { SettingsFile } from './settings-file.ts';
import { SimulatedDevices } from './simulated-devices.ts';

const MAX_INTERNAL_ERRORS = 50;

export interface DeskHost {
  host: AppInfo['host'];
  capabilities: Capabilities;
  /** Path of the program that opens data sets in a thread of its own. */
  datasetProgram: string;
}

export interface DeskParts extends DeskHost {
  controlPlane: ControlPlaneApi;
  store: Store;
  devices: DevicesApi;
}

export class Desk implements BridgeService {
  readonly calls: CallHandlers;
  readonly channels: ChannelSources;
  readonly files = new OutputFiles();
  readonly #parts: DeskParts;
  readonly #startedAt = new Date().toISOString();
  readonly #jobs = new Jobs();
  readonly #notices = new Notices();
  readonly #settings: SettingsFile;
  readonly #experiments: SavedExperiments;
  readonly #simulated: SimulatedDevices;
  readonly #runs: RunsDesk;
  readonly #comparisons: ComparisonsDesk;
  readonly #previews: Previews;
  readonly #load: LoadMeter;
  readonly #internalErrors: InternalErrorEntry[] = [];
  /** Training rows of data sets that were opened, by name and folder. */
  readonly #knownRows = new Map<string, number>();

  constructor(parts: DeskParts) {
    const { store, controlPlane } = parts;
    this.#parts = parts;
    this.#settings = new SettingsFile(store.home);
    this.#experiments = new SavedExperiments(store.home);
    this.#simulated = new SimulatedDevices(store.home);
    this.#runs = new RunsDesk(store, this.#notices, parts.devices);
    this.#comparisons = new ComparisonsDesk(controlPlane, store, this.#jobs);
    this.#previews = new Previews(parts.datasetProgram);
    this.#load = new LoadMeter(() => ({ activeRuns: this.#runs.live.count, activeJobs: this.#jobs.running }));
    this.calls = {
      ...this.#appCalls(),
      ...this.#experimentCalls(),
      ...this.#simulatedCalls(),
      ...runCalls({
        controlPlane,
        store,
        runs: this.#runs,
        jobs: this.#jobs,
        files: this.files,
        exports: new Exports(store.home),
        settings: () => this.#settings.settings,
      }),
      ...deviceCalls(parts.devices, this.#jobs, () => this.#settings.settings.deployConcurrency),
    };
    this.channels = this.#makeChannels();
  }

  get home(): string {
    return this.#parts.store.home;
  }

  /** Runs that train here: what a shell asks about before it lets its user quit. */
  get liveRuns(): readonly string[] {
    return this.#runs.live.names;
  }

  onInternalError = (error: unknown, where: string): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#internalErrors.push({ at: new Date().toISOString(), where, text });
    if (this.#internalErrors.length > MAX_INTERNAL_ERRORS) this.#internalErrors.shift();
  };

  /** Stops what trains here and waits for its end, checkpoints included. */
  async stopRuns(): Promise<void> {
    const handles = this.#runs.live.names.map((run) => this.#runs.live.handle(run));
    for (const handle of handles) handle.stop();
    await Promise.allSettled(handles.map(({ whenDone }) => whenDone));
  }

  async close(): Promise<void> {
    this.#jobs.close();
    await this.stopRuns();
    this.#previews.close();
    this.#load.close();
    await this.#runs.close();
    await this.#parts.devices.close();
    this.#parts.controlPlane.close();
  }

  #appCalls() {
    return {
      'app.info': () => this.#info(),
      'app.catalogue': () => catalogueOf(this.#settings.settings.dataDirectory),
      'app.diagnostics': () => this.#diagnose(),
      'settings.get': () => this.#settings.view,
      'settings.update': ({ change }) => this.#settings.update(withoutUndefined(change)),
      'jobs.list': () => this.#jobs.list(),
      'jobs.cancel': ({ job }) => (this.#jobs.cancel(job), null),
    } satisfies Partial<CallHandlers>;
  }

  #experimentCalls() {
    const experiments = this.#experiments;
    return {
      'experiment.validate': ({ config }) =>
        validateDraft(withDefaults(config, this.#settings.settings), {
          devices: this.#parts.devices.list(),
          knownRows: ({ name, dataDir }) => this.#knownRows.get(`${name} ${dataDir ?? ''}`) ?? null,
        }),
      'experiment.previewDataset': async (input) => {
        const request = { ...input, dataset: withFolder(input.dataset, this.#settings.settings) };
        const preview = await this.#previews.look(request);
        const { name, dataDir, trainRows } = request.dataset;
        const { train, validation } = preview.rows;
        if (trainRows === undefined) this.#knownRows.set(`${name} ${dataDir ?? ''}`, train + validation);
        return preview;
      },
      'experiment.describeModel': ({ model }) => describeModel(typeof model === 'string' ? modelNamed(model) : model),
      'experiment.readCluster': ({ cluster }) => readCluster(cluster),
      'experiments.list': () => experiments.list(),
      'experiments.save': (input) => experiments.save(input),
      'experiments.remove': ({ id }) => (experiments.remove(id), null),
      'experiments.restore': ({ id }) => experiments.restore(id),
      'comparisons.simulate': (input) => {
        const { settings } = this.#settings;
        const config = withDefaults(input.config, settings);
        return this.#comparisons.simulate({ ...input, config }, settings.simulationConcurrency);
      },
      'comparisons.ofRuns': ({ runs }) => this.#comparisons.ofRuns(runs),
      'comparisons.table': (input) => this.#comparisons.table(input),
    } satisfies Partial<CallHandlers>;
  }

  #simulatedCalls() {
    const simulated = this.#simulated;
    return {
      'simulatedDevices.list': () => simulated.list(),
      'simulatedDevices.add': (input) => simulated.add(input),
      'simulatedDevices.update': ({ device }) => simulated.update(device),
      'simulatedDevices.remove': ({ ids }) => simulated.remove(ids),
      'simulatedDevices.restore': ({ ids }) => simulated.restore(ids),
    } satisfies Partial<CallHandlers>;
  }

  #makeChannels(): ChannelSources {
    return {
      devices: (_, { next }) => this.#parts.devices.onChange(next),
      'device.log': (params, sink) => followLog(this.#parts.devices, params, sink),
      runs: (_, { next }) => this.#runs.changes.listen(next),
      run: ({ run }, { next }) => this.#runs.live.listen(this.#runs.detail(run).run, next),
      jobs: (_, { next }) => this.#jobs.changes.listen(next),
      comparison: ({ job }, { next }) => this.#comparisons.topic(job).listen(next),
      settings: (_, { next }) => this.#settings.changes.listen(next),
      simulatedDevices: (_, { next }) => this.#simulated.changes.listen(next),
      experiments: (_, { next }) => this.#experiments.changes.listen(next),
      load: (_, { next }) => this.#load.changes.listen(next),
      notices: (_, { next }) => this.#notices.listen(next),
    };
  }

  #info(): AppInfo {
    const { host, capabilities, store } = this.#parts;
    return {
      name: 'Caduceus',
      version: VERSION,
      host,
      capabilities,
      node: process.versions.node,
      system: `${platform()} ${release()} ${arch()}`,
      cpus: availableParallelism(),
      dataDirectory: store.home,
      engine: store.listRuns({ limit: 1 })[0]?.environment.engine ?? null,
      startedAt: this.#startedAt,
      load: this.#load.read(),
    };
  }

  async #diagnose(): Promise<OutputFile> {
    const { dataDirectory: _, ...info } = this.#info();
    const { settings } = this.#settings.view;
    const runs = this.#parts.store.listRuns({ limit: 20 }).map(({ run, status, config, environment, error }) => ({
      ...{ run, status, error, environment },
      policy: config.policy,
      model: config.model,
      dataset: config.dataset.name,
    }));
    const devices = this.#parts.devices.list().map(({ state, facts, error, steps, deployment }) => ({
      ...{ state, error, deployment },
      architecture: facts?.architecture ?? null,
      system: facts?.system ?? null,
      steps: steps?.map(({ step, state, error }) => ({ step, state, error: error ?? null })) ?? null,
    }));
    const content = {
      ...{ writtenAt: new Date().toISOString(), info, settings, runs, devices },
      jobs: this.#jobs
        .list()
        .map(({ kind, state, stage, error, startedAt }) => ({ kind, state, stage, error, startedAt })),
      notices: this.#notices.kept,
      internalErrors: this.#internalErrors,
    };
    return this.files.add(await writeDiagnostics(this.#parts.store.home, content));
  }
}

function withoutUndefined<T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const given = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(given) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
