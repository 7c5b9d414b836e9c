/** A data directory in which every text that came from elsewhere is a hostile one. */
import { parseRunConfig } from '../main/core/config.ts';
import type { DeviceView, DevicesApi } from '../main/core/device.ts';
import type { ErrorReport } from '../main/core/errors.ts';
import type { RunRecord, RunResult } from '../main/core/metrics.ts';
import { syntheticStory } from '../main/report/synthetic-run.fixture.ts';
import { openStore } from '../main/store/runs.ts';

const ENVIRONMENT = { caduceus: '0.0.0', node: '24', system: 'linux', cpus: 2, engine: 'wasm' };

/**
 * Runs, one a text: its name, data set, model, option and workers are that text. Every second has completed, the others
 * have failed with it. Answers with the runs.
 */
export function keepHostileRuns(home: string, texts: readonly string[]): string[] {
  const store = openStore(home);
  try {
    return texts.map((text, index) => {
      const config = parseRunConfig({ policy: 'hermes' });
      const run = store.createRun({
        name: text,
        config: { ...config, name: text, model: text, dataset: { ...config.dataset, name: text } },
        options: { [text]: text },
        environment: { ...ENVIRONMENT, engine: text, system: text },
      });
      if (index % 2 === 0) store.finish(run, { status: 'failed', error: said(text) });
      else store.finish(run, { status: 'completed', result: resultOf(text) });
      return run;
    });
  } finally {
    store.close();
  }
}

function said(text: string): ErrorReport {
  return { code: 'CAD-INTERNAL', message: text, remedy: text };
}

function resultOf(text: string): RunResult {
  const { result } = syntheticStory().run;
  if (result === null) throw new TypeError('the synthetic run has completed');
  return { ...result, workers: result.workers.map((worker) => ({ ...worker, name: text })) };
}

/** One run in which each worker is called, and says, one of the texts. Answers with the run. */
export function keepHostileWorkers(home: string, name: string, texts: readonly string[]): string {
  const store = openStore(home);
  try {
    const run = store.createRun({
      name,
      config: { ...parseRunConfig({ policy: 'hermes' }), name },
      options: {},
      environment: ENVIRONMENT,
    });
    store.markStarted(run);
    const recorder = store.recorder(run);
    for (const record of texts.flatMap(recordsOf)) recorder.record(record);
    recorder.close();
    const message = texts.join(' ');
    store.finish(run, { status: 'interrupted', error: { code: 'CAD-INTERRUPTED', message, remedy: message } });
    return run;
  } finally {
    store.close();
  }
}

function recordsOf(text: string, index: number): RunRecord[] {
  const worker = text;
  const of = { atMs: index, worker };
  const assignment = { samples: 100 + index, batch: 16, epochs: 1 };
  const said = { engine: text, architecture: text, platform: text, throttle: text };
  return [
    { ...of, type: 'worker', incarnation: 1, profile: { ...said, cores: 1, memoryBytes: 1, samplesPerSecond: 100 } },
    { ...of, type: 'incident', level: 'info', what: 'joined', text },
    { ...of, type: 'allocation', assignment, reason: text },
    {
      ...of,
      type: 'iteration',
      atMs: 1000,
      pushed: true,
      iteration: { clock: 1, steps: 1, samples: 16, batch: 16, loss: 1, computeMs: 500, waitMs: 100, notes: {} },
    },
    { ...of, type: 'allocation', atMs: 1500, assignment: { ...assignment, samples: 50 }, reason: text },
    { ...of, type: 'incident', atMs: 1600, level: 'warning', what: 'rejected', text },
    { ...of, type: 'incident', atMs: 2000, level: 'error', what: 'lost', text },
  ];
}

/** Devices that say these texts wherever a device can say something; nothing can be done to them. */
export function hostileDevices(texts: readonly string[]): DevicesApi {
  const devices = texts.map(deviceOf);
  const nothing = (): never => {
    throw new Error('these devices are only looked at');
  };
  return {
    list: () => devices,
    find: nothing,
    add: nothing,
    importList: nothing,
    update: nothing,
    remove: nothing,
    restore: nothing,
    discover: () =>
      Promise.resolve({
        source: 'tailnet' as const,
        where: texts[0] ?? '',
        devices: texts.map((text) => ({
          input: { address: 'device', name: text },
          known: null,
          online: true,
          system: text,
          note: text,
          path: { kind: 'relay' as const, reason: text },
        })),
        warnings: [...texts],
      }),
    deploy: nothing,
    probe: nothing,
    cancel: nothing,
    answer: nothing,
    stopAgents: nothing,
    uninstall: nothing,
    logs: (_device, _options, onLine) => {
      for (const text of texts) onLine(text);
      return { whenDone: Promise.resolve(), stop: () => undefined };
    },
    onChange: () => () => undefined,
    close: () => Promise.resolve(),
  };
}

function deviceOf(text: string, index: number): DeviceView {
  const error = { code: 'CAD-INTERNAL' as const, message: text, remedy: text };
  const at = new Date(0).toISOString();
  const question = { question: `q${index}`, host: text };
  const key = { fingerprint: text, keyType: text, knownToTailnet: false, checkCommand: text };
  const questions: readonly DeviceView['question'][] = [
    { ...question, ...key, kind: 'trust' },
    { ...question, ...key, kind: 'key-changed', trustedFingerprint: text, trustedSince: at },
    { ...question, kind: 'secret', secret: 'answer', prompt: text, isShown: true, canRemember: true },
    { ...question, kind: 'open-url', url: text },
    null,
  ];
  return {
    id: `device-${index}`,
    name: text,
    address: text,
    port: 22,
    user: text,
    jump: [text],
    tags: [text],
    caps: {},
    source: 'list',
    state: index % 2 === 0 ? 'failed' : 'needs-you',
    addedAt: at,
    lastSeenAt: at,
    trust: { fingerprint: text, keyType: text, since: at, by: 'user' },
    facts: {
      system: text,
      architecture: text,
      instructions: [text],
      node: text,
      loginShell: text,
      model: text,
      sshServer: text,
    },
    benchmark: { engine: text, model: text, batch: 16, samplesPerSecond: 10, measuredAt: at },
    path: { kind: 'relay', reason: text },
    deployment: { version: text, directory: text, deployedAt: at, engine: text },
    steps: [
      { step: 'reach', state: 'done', detail: text, log: [text, text] },
      { step: 'probe', state: 'failed', detail: text, log: [text], error },
    ],
    question: questions[index % questions.length] ?? null,
    error,
    run: null,
  };
}
