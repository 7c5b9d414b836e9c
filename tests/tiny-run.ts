/** A run small enough for tests that start real processes: 16 features, 4 classes, a few hundred parameters. */
import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { Encoding } from '../main/core/compression/encoding.ts';
import type { RunRecord } from '../main/core/metrics.ts';
import { initialParameters, type ModelSpec } from '../main/core/model.ts';
import type { ServerSettings, ServerSnapshot } from '../main/core/parameter-server.ts';
import { type OptionValues, resolveOptions } from '../main/core/policy/options.ts';
import { PLAIN_SAMPLING } from '../main/core/policy/policy.ts';
import { policyNamed } from '../main/core/policy/registry.ts';
import { normal, prng } from '../main/core/prng.ts';
import type { HeartbeatTiming } from '../main/core/protocol/liveness.ts';
import { ROWS_PER_BLOCK, type WorkerPlan } from '../main/core/protocol/messages.ts';
import type { RunEnd } from '../main/core/run-end.ts';
import { type Rows, takeRows } from '../main/learn/datasets/dataset.ts';
import type { Launched, LaunchSpec } from '../main/provision/launcher.ts';
import { LocalLauncher, type LocalLauncherOptions } from '../main/provision/local.ts';
import type { ServerCertificate } from '../main/server/certificate.ts';
import { type Judgement, type OpenDoor, ParameterServerHost } from '../main/server/host.ts';
import type { Door } from '../main/server/listener.ts';

export const RUN = 'tiny-run';
const FEATURES = 16;
const CLASSES = 4;
const TRAIN_ROWS = 1500;
const SEED = 7;

export const TINY_MODEL: ModelSpec = {
  name: 'tiny',
  input: [FEATURES],
  classes: CLASSES,
  layers: [
    { type: 'dense', units: 12, activation: 'relu' },
    { type: 'dense', units: CLASSES, activation: 'linear' },
  ],
};

export interface TinyOptions {
  policy?: string;
  /** The policy's own options. */
  policyOptions?: OptionValues;
  /** Held out for probes, where the policy wants some. */
  probeRows?: number;
  workers?: readonly string[];
  batch?: number;
  momentum?: number;
  encoding?: Encoding;
  model?: ModelSpec;
  /** Training rows that suit the model; made up when left out. */
  rows?: Rows;
  config?: Partial<ServerSettings['config']>;
  engine?: 'wasm' | 'cpu';
  heartbeat?: HeartbeatTiming;
  authenticateMs?: number;
  port?: number;
  /** Of the workers; made up when left out. */
  tokens?: ReadonlyMap<string, string>;
  /** TLS at the first door. */
  certificate?: ServerCertificate;
  moreDoors?: readonly Door[];
  /** Go on with a run that an earlier host left. */
  after?: { run: TinyRun; snapshot: ServerSnapshot };
  judge?: () => Promise<Judgement>;
  onRecord?: (record: RunRecord) => void;
}

/** A host with everything around it; closed when the test is over. */
export class TinyRun {
  readonly host: ParameterServerHost;
  readonly plan: WorkerPlan;
  readonly settings: ServerSettings;
  readonly records: RunRecord[] = [];
  readonly tokens: ReadonlyMap<string, string>;
  readonly rows: Rows;
  readonly #options: TinyOptions;
  doors: OpenDoor[] = [];

  static async start(options: TinyOptions = {}): Promise<TinyRun> {
    const run = new TinyRun(options);
    run.doors = await run.host.start();
    onTestFinished(() => run.host.close());
    return run;
  }

  private constructor(options: TinyOptions) {
    const { workers = ['a'], batch = 8, model = TINY_MODEL, heartbeat } = options;
    const policy = policyNamed(options.policy ?? 'bsp');
    const resolved = resolveOptions(policy.name, policy.options, options.policyOptions ?? {});
    const { probeRows = 0 } = options;
    this.rows = options.rows ?? clusters(TRAIN_ROWS, model.input[0] as number);
    this.plan = {
      seed: SEED,
      policy: policy.name,
      options: resolved,
      carry: policy.carry(resolved),
      sampling: policy.sampling?.(resolved) ?? PLAIN_SAMPLING,
      model,
      learningRate: 0.05,
      momentum: options.momentum ?? 0,
      gradientNorm: policy.measuresGradientNorm === true,
      encoding: options.encoding ?? 'f32',
      trainRows: this.rows.count - probeRows,
      probeRows,
      featureSize: this.rows.features.length / this.rows.count,
    };
    this.tokens =
      options.tokens ??
      options.after?.run.tokens ??
      new Map(workers.map((worker) => [worker, randomBytes(32).toString('base64url')]));
    this.settings = {
      policy,
      plan: this.plan,
      workers,
      batch,
      initial: initialParameters(model, SEED),
      config: {
        stop: { maxSeconds: 60 },
        evaluateEveryMs: 1_000_000,
        joinGraceMs: 30_000,
        lostGraceMs: 20_000,
        ...options.config,
      },
    };
    this.#options = options;
    this.host = new ParameterServerHost({
      run: RUN,
      server: this.settings,
      tokens: this.tokens,
      doors: [
        {
          host: '127.0.0.1',
          port: options.port ?? 0,
          ...(options.certificate && { certificate: options.certificate }),
        },
        ...(options.moreDoors ?? []),
      ],
      rowsOfBlock: (block) => rowsOfBlock(this.rows, block),
      judge: options.judge ?? (() => Promise.resolve({ loss: 1, accuracy: 0.5, rows: 1 })),
      onRecord: (record) => {
        this.records.push(record);
        options.onRecord?.(record);
      },
      ...(options.after && { resumed: options.after.snapshot }),
      ...(heartbeat && { heartbeat }),
      ...(options.authenticateMs !== undefined && { authenticateMs: options.authenticateMs }),
    });
  }

  get port(): number {
    return this.#door.port;
  }

  get url(): string {
    return this.#door.url;
  }

  get #door(): OpenDoor {
    const [first] = this.doors;
    if (first === undefined) throw new Error('the run has not started');
    return first;
  }

  ticket(worker: string, url: string = this.url): LaunchSpec['ticket'] {
    const { heartbeat, engine = 'wasm' } = this.#options;
    const token = this.tokens.get(worker) ?? '';
    const { certificate } = this.#door;
    const pinned = url.startsWith('wss:') && certificate !== undefined ? { certificate } : {};
    return { url, ...pinned, run: RUN, worker, token, engine, ...(heartbeat && { heartbeat }) };
  }

  /** Starts a real agent; stopped when the test is over. */
  async launch(worker: string, { url, ...launcher }: LocalLauncherOptions & { url?: string } = {}): Promise<Launched> {
    const launched = await new LocalLauncher(launcher).launch({ ticket: this.ticket(worker, url) });
    onTestFinished(() => launched.stop());
    return launched;
  }

  launchAll(options: LocalLauncherOptions & { url?: string } = {}): Promise<Launched[]> {
    return Promise.all([...this.tokens.keys()].map((worker) => this.launch(worker, options)));
  }

  /** Texts of the incidents so far, as `what worker: text`. */
  get incidents(): string[] {
    return this.records
      .filter((record) => record.type === 'incident')
      .map(({ what, worker, text }) => `${what}${worker === undefined ? '' : ` ${worker}`}: ${text}`);
  }

  get iterations(): number {
    return this.records.filter(({ type }) => type === 'iteration').length;
  }

  end(): Promise<RunEnd> {
    return this.host.whenEnded;
  }
}

/** Resolves when `holds` does. @throws after `timeoutMs`, with what `describe` says then. */
export async function eventually(holds: () => boolean, describe: () => unknown, timeoutMs = 50_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${JSON.stringify(describe())}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** One cloud of rows a class; neither trivial nor hard. */
function clusters(count: number, features: number): Rows {
  const chance = prng(SEED, 'clusters');
  const centres = Array.from({ length: CLASSES }, () =>
    Array.from({ length: features }, () => 128 + 40 * normal(chance)),
  );
  const rows = { features: new Uint8Array(count * features), labels: new Uint8Array(count), count };
  for (let row = 0; row < count; row++) {
    const label = row % CLASSES;
    rows.labels[row] = label;
    for (let index = 0; index < features; index++) {
      const value = (centres[label]?.[index] as number) + 40 * normal(chance);
      rows.features[row * features + index] = Math.max(0, Math.min(255, value));
    }
  }
  return rows;
}

function rowsOfBlock(rows: Rows, block: number): { count: number; payload: Uint8Array } | undefined {
  const first = block * ROWS_PER_BLOCK;
  if (first >= rows.count) return undefined;
  const { features, labels, count } = takeRows(
    rows,
    Array.from({ length: Math.min(ROWS_PER_BLOCK, rows.count - first) }, (_, index) => first + index),
  );
  const payload = new Uint8Array(features.length + labels.length);
  payload.set(features);
  payload.set(labels, features.length);
  return { count, payload };
}
