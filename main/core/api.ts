/**
 * The one map of what the window may ask of the control plane, and of what it may listen to. Every
 * bridge — desktop IPC, loopback WebSocket — carries exactly this. Inputs are checked against their
 * schema on the control plane's side, whatever the bridge; outputs are plain JSON.
 *
 * The window imports types from here, never values: schemas stay on the other side.
 */
import { z } from 'zod';
import type { AppInfo, Catalogue, JobStarted, JobView, Load, Notice, OutputFile, SettingsView } from './api/app.ts';
import {
  clusterChoice,
  compareRunsInput,
  comparisonTableInput,
  type ComparisonProgress,
  configDraft,
  type RunComparison,
  simulateComparisonInput,
} from './api/comparisons.ts';
import {
  addSimulatedInput,
  deployInput,
  deviceAnswer,
  deviceChange,
  deviceKey,
  deviceKeys,
  devicesInput,
  type SimulatedDevice,
  simulatedDeviceSchema,
  simulatedIds,
} from './api/devices.ts';
import {
  type ClusterReading,
  type DatasetPreview,
  describeInput,
  type ModelDescription,
  previewInput,
  type SavedExperiment,
  saveExperimentInput,
  type Validation,
} from './api/experiment.ts';
import {
  addWorkerInput,
  listRunsInput,
  type RecordPage,
  recordsInput,
  reportInput,
  type RunDetail,
  type RunList,
  type RunMessage,
  runName,
  type RunOpening,
  type RunsChange,
  setOptionsInput,
  workerName,
} from './api/runs.ts';
import type { Cluster } from './cluster.ts';
import type { DeviceView, Discovery } from './device.ts';
import type { ErrorReport } from './errors.ts';
import { settingsChangeSchema } from './settings.ts';

export type * from './api/app.ts';
export type * from './api/comparisons.ts';
export type * from './api/devices.ts';
export type * from './api/experiment.ts';
export type * from './api/runs.ts';
export type { Settings } from './settings.ts';

interface Call<Input extends z.ZodType, Output> {
  readonly input: Input;
  /** Types only; never there. */
  readonly output?: Output;
}

const call =
  <Output>() =>
  <Input extends z.ZodType>(input: Input): Call<Input, Output> => ({ input });

const nothing = z.strictObject({});
const ofRun = z.strictObject({ run: runName });
const ofRuns = z.strictObject({ runs: z.array(runName).min(1).max(500) });
const id = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'an identifier');

export const CALLS = {
  'app.info': call<AppInfo>()(nothing),
  'app.catalogue': call<Catalogue>()(nothing),
  /** What a maintainer needs to see, as one file, without secrets, names or addresses. */
  'app.diagnostics': call<OutputFile>()(nothing),

  'settings.get': call<SettingsView>()(nothing),
  'settings.update': call<SettingsView>()(z.strictObject({ change: settingsChangeSchema })),

  'devices.list': call<DeviceView[]>()(nothing),
  'devices.add': call<DeviceView[]>()(devicesInput),
  /** JSON or CSV, told by its content. */
  'devices.importList': call<DeviceView[]>()(z.strictObject({ text: z.string().max(1_000_000) })),
  'devices.update': call<DeviceView>()(deviceChange),
  'devices.remove': call<null>()(deviceKeys),
  'devices.restore': call<null>()(deviceKeys),
  'devices.discover': call<Discovery>()(z.strictObject({ source: z.enum(['tailnet', 'ssh-config']) })),
  'devices.deploy': call<JobStarted>()(deployInput),
  'devices.probe': call<JobStarted>()(deviceKeys),
  'devices.cancel': call<null>()(deviceKeys),
  'devices.answer': call<null>()(deviceAnswer),
  'devices.stopAgents': call<JobStarted>()(deviceKeys),
  'devices.uninstall': call<JobStarted>()(deviceKeys),

  /** Described, not there: for the simulator alone. Each answers with all of them. */
  'simulatedDevices.list': call<SimulatedDevice[]>()(nothing),
  'simulatedDevices.add': call<SimulatedDevice[]>()(addSimulatedInput),
  'simulatedDevices.update': call<SimulatedDevice[]>()(z.strictObject({ device: simulatedDeviceSchema })),
  'simulatedDevices.remove': call<SimulatedDevice[]>()(simulatedIds),
  'simulatedDevices.restore': call<SimulatedDevice[]>()(simulatedIds),

  /** Any draft, however unfinished: what is wrong is in the answer, not an error. */
  'experiment.validate': call<Validation>()(z.strictObject({ config: configDraft })),
  'experiment.previewDataset': call<DatasetPreview>()(previewInput),
  'experiment.describeModel': call<ModelDescription>()(describeInput),
  'experiment.readCluster': call<ClusterReading>()(z.strictObject({ cluster: clusterChoice })),
  'experiments.list': call<SavedExperiment[]>()(nothing),
  'experiments.save': call<SavedExperiment>()(saveExperimentInput),
  'experiments.remove': call<null>()(z.strictObject({ id })),
  'experiments.restore': call<SavedExperiment>()(z.strictObject({ id })),

  'runs.list': call<RunList>()(listRunsInput),
  'runs.find': call<RunDetail>()(ofRun),
  'runs.rename': call<RunDetail>()(ofRun.extend({ name: z.string().trim().min(1).max(80).nullable() })),
  /** Taken off the list; deleted for good when the program ends. */
  'runs.remove': call<null>()(ofRuns),
  'runs.restore': call<null>()(ofRuns),
  /** The job ends with the run's identifier as soon as it trains. */
  'runs.start': call<JobStarted>()(z.strictObject({ config: configDraft })),
  'runs.simulate': call<JobStarted>()(
    z.strictObject({ cluster: clusterChoice, config: configDraft, timingOnly: z.boolean().default(false) }),
  ),
  'runs.resume': call<JobStarted>()(ofRun),
  /** Ends training and keeps a checkpoint. */
  'runs.stop': call<null>()(ofRun),
  /** Ends training with what it has reached: the model is judged and kept, the run is completed. */
  'runs.finish': call<null>()(ofRun),
  'runs.pause': call<null>()(ofRun),
  'runs.continue': call<null>()(ofRun),
  'runs.addWorker': call<{ worker: string }>()(addWorkerInput),
  'runs.dropWorker': call<null>()(ofRun.extend({ worker: workerName })),
  /** The policy's own options, while it decides. */
  'runs.setOptions': call<RunDetail>()(setOptionsInput),
  'runs.open': call<RunOpening>()(ofRun),
  'runs.records': call<RecordPage>()(recordsInput),
  /** The run's devices as they were measured, to simulate with. */
  'runs.measuredCluster': call<Cluster>()(ofRun),
  'runs.replay': call<JobStarted>()(ofRun),
  'runs.exportModel': call<OutputFile>()(ofRun),
  'runs.report': call<JobStarted>()(reportInput),

  'comparisons.simulate': call<JobStarted>()(simulateComparisonInput),
  'comparisons.ofRuns': call<RunComparison>()(compareRunsInput),
  'comparisons.table': call<{ text: string }>()(comparisonTableInput),

  'jobs.list': call<JobView[]>()(nothing),
  'jobs.cancel': call<null>()(z.strictObject({ job: id })),
} as const;

export type Calls = typeof CALLS;
export type CallName = keyof Calls;
/** As the window gives it: fields with defaults may be left out. */
export type CallInput<Name extends CallName> = z.input<Calls[Name]['input']>;
export type CheckedInput<Name extends CallName> = z.output<Calls[Name]['input']>;
export type CallOutput<Name extends CallName> = Calls[Name] extends Call<z.ZodType, infer Output> ? Output : never;

interface Channel<Params extends z.ZodType, Payload> {
  readonly params: Params;
  readonly payload?: Payload;
}

const channel =
  <Payload>() =>
  <Params extends z.ZodType>(params: Params): Channel<Params, Payload> => ({ params });

export const CHANNELS = {
  /** All devices, whenever one changed. */
  devices: channel<DeviceView[]>()(nothing),
  simulatedDevices: channel<SimulatedDevice[]>()(nothing),
  /** A device's log: its newest lines first, then each new one. */
  'device.log': channel<DeviceLogLines>()(
    z.strictObject({ device: deviceKey, lines: z.number().int().min(0).max(2000).default(200) }),
  ),
  runs: channel<RunsChange>()(nothing),
  run: channel<RunMessage>()(ofRun),
  /** Jobs that are new or have changed. */
  jobs: channel<JobView[]>()(nothing),
  comparison: channel<ComparisonProgress>()(z.strictObject({ job: id })),
  settings: channel<SettingsView>()(nothing),
  experiments: channel<SavedExperiment[]>()(nothing),
  load: channel<Load>()(nothing),
  notices: channel<Notice>()(nothing),
} as const;

export interface DeviceLogLines {
  lines: string[];
  /** The log has ended, or cannot be read. */
  ended: boolean;
  error: ErrorReport | null;
}

export type Channels = typeof CHANNELS;
export type ChannelName = keyof Channels;
export type ChannelParams<Name extends ChannelName> = z.input<Channels[Name]['params']>;
export type CheckedParams<Name extends ChannelName> = z.output<Channels[Name]['params']>;
export type ChannelPayload<Name extends ChannelName> =
  Channels[Name] extends Channel<z.ZodType, infer Payload> ? Payload : never;

/** What only a native shell does for its window: no part of the map, but checked and answered as its calls are. */
export const NATIVE_CALLS = {
  /** Copies a file that was made here to a place of the user's choice; false when the user thinks better of it. */
  'native.handOver': call<boolean>()(
    z.strictObject({ file: z.string().regex(/^[0-9a-f]{32}$/, 'the identifier of a file') }),
  ),
  'native.choosePath': call<string | null>()(z.strictObject({ what: z.enum(['folder', 'file']) })),
} as const;

type NativeCalls = typeof NATIVE_CALLS;
export type NativeName = keyof NativeCalls;
export type NativeInput<Name extends NativeName> = z.input<NativeCalls[Name]['input']>;
export type NativeOutput<Name extends NativeName> =
  NativeCalls[Name] extends Call<z.ZodType, infer Output> ? Output : never;
export type NativeHandlers = {
  readonly [Name in NativeName]: (input: z.output<NativeCalls[Name]['input']>) => Promise<NativeOutput<Name>>;
};

/** What a native menu asks of the page: to go to a screen, `#/devices`; to open the command palette. */
export type ShellCommand = { kind: 'go'; route: string } | { kind: 'palette' };

/** What every call comes back as; a bridge never rejects for what the control plane says. */
export type Answer<Output> = { ok: true; value: Output } | { ok: false; error: ErrorReport };

/** What the window holds, whichever bridge it came over. */
export interface Bridge {
  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<Answer<CallOutput<Name>>>;
  /**
   * Messages come in order. `onEnd` is told once when the subscription cannot go on: refused, or the
   * connection is gone; `undefined` when the other side is merely gone. Returns how to unsubscribe.
   */
  subscribe<Name extends ChannelName>(
    name: Name,
    params: ChannelParams<Name>,
    onMessage: (payload: ChannelPayload<Name>) => void,
    onEnd?: (error: ErrorReport | undefined) => void,
  ): () => void;
  /**
   * Hands a file over to the user: a download in the browser, a copy at a place of their choice on the desktop.
   * False: they thought better of it.
   */
  handOver(file: OutputFile): Promise<Answer<boolean>>;
  /** A path of the user's choice by a native dialog; there when `capabilities.choosesPaths`. */
  choosePath?(what: 'folder' | 'file'): Promise<Answer<string | null>>;
  /** Follows a native menu, where there is one. Returns how to stop. */
  onCommand?(listener: (command: ShellCommand) => void): () => void;
}
