/** The calls about comparisons: simulated ones as jobs, and runs that are kept side by side. */
import type { CheckedInput, ComparisonProgress, ContenderRun, JobStarted, RunComparison } from '../../core/api.ts';
import type { Cluster } from '../../core/cluster.ts';
import { type ComparedRun, comparisonRow, withSpeedups } from '../../core/comparison.ts';
import type { ComparisonResult, ControlPlaneApi } from '../../core/control-plane-api.ts';
import { CaduceusError } from '../../core/errors.ts';
import type { RunRow } from '../../core/run-row.ts';
import type { Store } from '../../store/runs.ts';
import { chosenCluster, draftOf } from './drafts.ts';
import type { Jobs } from './jobs.ts';
import { Topic } from './topic.ts';

const TELL_EVERY_MS = 100;
const CURVE_POINTS = 60;

export class ComparisonsDesk {
  readonly #controlPlane: ControlPlaneApi;
  readonly #store: Store;
  readonly #jobs: Jobs;
  readonly #topics = new Map<string, Topic<ComparisonProgress>>();
  readonly #results = new Map<string, ComparisonResult>();

  constructor(controlPlane: ControlPlaneApi, store: Store, jobs: Jobs) {
    this.#controlPlane = controlPlane;
    this.#store = store;
    this.#jobs = jobs;
  }

  /** @param processes At the same time; null: one a processor. */
  simulate(input: CheckedInput<'comparisons.simulate'>, processes: number | null): JobStarted {
    const cluster = chosenCluster(input.cluster);
    const variants = input.variants?.map(({ label, ...rest }) => ({ ...rest, ...(label !== undefined && { label }) }));
    const { seeds, firstSeed, tune, timingOnly } = input;
    const means = processes === null ? {} : { processes };
    const request = { cluster, config: draftOf(input.config), seeds, firstSeed, tune, timingOnly, ...means };
    const count = variants === undefined ? 'all policies' : `${variants.length} policies`;
    return this.#jobs.start({
      kind: 'compare',
      title: `Compare ${count} on ${nameOf(cluster)}`,
      cancellable: true,
      work: async ({ id, signal, progress, stage }) => {
        const teller = new ProgressTeller(id, this.topic(id));
        const handle = this.#controlPlane.compare(
          { ...request, ...(variants && { variants }) },
          {
            onProgress: (done, of, what) => {
              stage(what);
              progress(done, of);
              teller.progress(done, of, what);
            },
            onRun: (policy, run) => teller.run(policy, run),
          },
        );
        signal.addEventListener('abort', () => handle.stop());
        try {
          const comparison = await handle.whenDone;
          this.#results.set(id, comparison);
          this.#forgetOldest();
          return { kind: 'comparison', comparison };
        } finally {
          teller.close();
        }
      },
    });
  }

  /** @throws CAD-JOB-UNKNOWN */
  topic(job: string): Topic<ComparisonProgress> {
    this.#jobs.find(job);
    const known = this.#topics.get(job);
    if (known !== undefined) return known;
    const topic = new Topic<ComparisonProgress>();
    this.#topics.set(job, topic);
    return topic;
  }

  /** @throws CAD-RUN-UNKNOWN, CAD-RUN-UNFINISHED */
  ofRuns(runs: readonly string[]): RunComparison {
    const rows = runs.map((run): MeasuredRow => {
      const row = this.#store.findRun(run);
      const simulation = this.#store.simulationOf(row.run);
      const virtual = row.result?.virtual ?? simulation !== null;
      return {
        ...row,
        virtual,
        cluster: simulation?.cluster.name ?? null,
        timingOnly: simulation?.timingOnly === true,
      };
    });
    const compared = withSpeedups(
      rows.map((row) => {
        const { policy, learningRate } = row.config;
        return comparisonRow({ policy, options: row.options, learningRate }, [this.#comparedRun(row)]);
      }),
    );
    const bsp = rows.find(({ config }) => config.policy === 'bsp');
    const reference = rows.find((_, index) => compared[index]?.policy === 'bsp' && compared[index].secondsToTarget);
    return {
      rows: compared.map((row, index) => {
        const of = rows[index] as MeasuredRow;
        const speedup = bsp !== undefined && haveOneMeasure(of, bsp) ? row.speedup : null;
        const learnt = of.timingOnly ? { timingOnly: true as const } : {};
        return { ...row, ...learnt, speedup, run: of.run, label: labelOf(rows, index), virtual: of.virtual };
      }),
      differences: differencesOf(rows),
      reference: reference?.run ?? null,
    };
  }

  table({ of, format }: CheckedInput<'comparisons.table'>): { text: string } {
    if ('runs' in of) {
      const { rows } = this.ofRuns(of.runs);
      return {
        text: this.#controlPlane.comparisonTable(
          rows.map((row) => ({ ...row, policy: row.label })),
          format,
        ),
      };
    }
    const result = this.#results.get(of.job);
    if (result === undefined) {
      throw new CaduceusError(
        'CAD-JOB-UNKNOWN',
        `job ${of.job} has no comparison`,
        'Wait for its end, or compare again.',
      );
    }
    return { text: this.#controlPlane.comparisonTable(result.rows, format) };
  }

  #forgetOldest(): void {
    const known = new Set(this.#jobs.list().map(({ id }) => id));
    for (const map of [this.#results, this.#topics]) {
      for (const id of [...map.keys()]) if (!known.has(id)) map.delete(id);
    }
  }

  #comparedRun({ run, config, result }: RunRow): ComparedRun {
    if (result === null) {
      throw new CaduceusError(
        'CAD-RUN-UNFINISHED',
        `run ${run} has no result to compare`,
        'Leave it out, or resume it.',
      );
    }
    const judged = [...this.#store.records(run, 'evaluation')].filter(({ split }) => split === 'validation');
    const curve = judged.map(({ atMs, bytes, accuracy, loss }) => ({ seconds: atMs / 1000, bytes, accuracy, loss }));
    return { seed: config.seed, result, curve, fingerprint: run };
  }
}

/** Gathers what has ended, so that many short simulations are few messages. */
class ProgressTeller {
  readonly #job: string;
  readonly #topic: Topic<ComparisonProgress>;
  #runs: ContenderRun[] = [];
  #newest = { done: 0, of: 0, what: '' };
  #timer: NodeJS.Timeout | undefined;

  constructor(job: string, topic: Topic<ComparisonProgress>) {
    this.#job = job;
    this.#topic = topic;
  }

  progress(done: number, of: number, what: string): void {
    this.#newest = { done, of, what };
    this.#timer ??= setTimeout(() => this.#tell(), TELL_EVERY_MS);
  }

  run(policy: string, { seed, result, curve }: ComparedRun): void {
    const { secondsToTarget, seconds, accuracy, loss, bytes } = result;
    const all = bytes.up + bytes.down + bytes.data + bytes.control;
    const step = Math.max(1, Math.ceil(curve.length / CURVE_POINTS));
    const points = curve.filter((_, index) => index % step === 0 || index === curve.length - 1);
    this.#runs.push({ policy, seed, secondsToTarget, seconds, accuracy, loss, bytes: all, points });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#tell();
  }

  #tell(): void {
    this.#timer = undefined;
    const runs = this.#runs;
    this.#runs = [];
    this.#topic.tell({ job: this.#job, ...this.#newest, runs });
  }
}

function nameOf(cluster: string | Cluster): string {
  return typeof cluster === 'string' ? cluster : cluster.name;
}

/** Its name, or its policy; told apart by the identifier where two would read the same. */
function labelOf(rows: readonly RunRow[], index: number): string {
  const plain = ({ name, config }: RunRow): string => name ?? config.policy;
  const row = rows[index] as RunRow;
  const isAlone = rows.filter((other) => plain(other) === plain(row)).length === 1;
  return isAlone ? plain(row) : `${plain(row)} (${row.run})`;
}

/** Whose time its times are: that of a cluster that is only described, or of machines. */
type MeasuredRow = RunRow & { virtual: boolean; cluster: string | null; timingOnly: boolean };

/** Times to different targets, or of a simulation and of machines, are not to be divided by each other. */
function haveOneMeasure(left: MeasuredRow, right: MeasuredRow): boolean {
  return left.virtual === right.virtual && left.config.stop.targetAccuracy === right.config.stop.targetAccuracy;
}

/** Settings by their path, where not all have the same. */
function differencesOf(rows: readonly MeasuredRow[]): RunComparison['differences'] {
  const flat = rows.map(({ config, options, environment, virtual, cluster }) => {
    const { name: _, workers, ...rest } = config;
    const { engine, caduceus } = environment;
    // Who trains in a simulation is its cluster; the workers of its settings are not used.
    const who = virtual ? { cluster } : { workers };
    return flattened({ ...rest, ...who, options, engine, caduceus, time: virtual ? 'simulated' : 'of the machines' });
  });
  const paths = new Set(flat.flatMap((settings) => [...settings.keys()]));
  return [...paths].sort().flatMap((path) => {
    const values = flat.map((settings) => settings.get(path) ?? null);
    return new Set(values).size === 1 ? [] : [{ path, values }];
  });
}

function flattened(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    if (value !== undefined) into.set(path, typeof value === 'string' ? value : JSON.stringify(value));
    return into;
  }
  for (const [key, inner] of Object.entries(value)) flattened(inner, path === '' ? key : `${path}.${key}`, into);
  return into;
}
