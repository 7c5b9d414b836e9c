/**
 * Records as rows, and back: one table a kind, a typed column a field. JSON only where the shape is
 * open (a gate's notes, a decision's event and commands).
 */
import type { RunRecord, WorkerLink } from '../core/metrics.ts';
import type { PolicyCommand, PolicyEvent, PushReason } from '../core/policy/policy.ts';
import { fromExactJson, toExactJson } from './exact-json.ts';

export type RecordKind = RunRecord['type'];
export type RecordOf<K extends RecordKind> = Extract<RunRecord, { type: K }>;

/** What SQLite is given and gives back. */
export type Cell = number | string | null;
type Row = Readonly<Record<string, unknown>>;

interface RecordTable<K extends RecordKind> {
  readonly name: string;
  /** Columns behind `run`, `seq` and `at_ms`, in the order of `toCells`. */
  readonly columns: readonly string[];
  toCells(record: RecordOf<K>): (Cell | undefined)[];
  fromRow(row: Row): Omit<RecordOf<K>, 'type' | 'atMs'>;
}

export const RECORD_TABLES: { readonly [K in RecordKind]: RecordTable<K> } = {
  worker: {
    name: 'workers',
    columns: [
      'worker',
      'incarnation',
      'engine',
      'cores',
      'architecture',
      'platform',
      'memory_bytes',
      'samples_per_second',
      'throttle',
      'path',
      'address',
      'tls',
    ],
    toCells: ({ worker, incarnation, profile, link }) => [
      worker,
      incarnation,
      profile.engine,
      profile.cores,
      profile.architecture,
      profile.platform,
      profile.memoryBytes,
      profile.samplesPerSecond,
      profile.throttle,
      link?.path,
      link?.address,
      link && (link.tls ? 1 : 0),
    ],
    fromRow: (row) => ({
      worker: text(row['worker']),
      incarnation: figure(row['incarnation']),
      profile: {
        engine: text(row['engine']),
        cores: figure(row['cores']),
        architecture: text(row['architecture']),
        platform: text(row['platform']),
        memoryBytes: figure(row['memory_bytes']),
        ...(row['samples_per_second'] !== null && { samplesPerSecond: figure(row['samples_per_second']) }),
        ...(row['throttle'] !== null && { throttle: text(row['throttle']) }),
      },
      ...(row['path'] !== null && {
        link: {
          path: text(row['path']) as WorkerLink['path'],
          address: text(row['address']),
          tls: figure(row['tls']) === 1,
        },
      }),
    }),
  },
  iteration: {
    name: 'iterations',
    columns: [
      'worker',
      'pushed',
      'clock',
      'steps',
      'samples',
      'batch',
      'loss',
      'probe_loss',
      'compute_ms',
      'wait_ms',
      'notes',
      'push_reason',
    ],
    toCells: ({ worker, pushed, iteration }) => [
      worker,
      pushed ? 1 : 0,
      iteration.clock,
      iteration.steps,
      iteration.samples,
      iteration.batch,
      iteration.loss,
      iteration.probeLoss,
      iteration.computeMs,
      iteration.waitMs,
      iteration.notes === undefined ? null : toExactJson(iteration.notes),
      iteration.pushReason,
    ],
    fromRow: (row) => ({
      worker: text(row['worker']),
      pushed: row['pushed'] === 1,
      iteration: {
        clock: figure(row['clock']),
        steps: figure(row['steps']),
        samples: figure(row['samples']),
        batch: figure(row['batch']),
        loss: figure(row['loss']),
        ...(row['probe_loss'] !== null && { probeLoss: figure(row['probe_loss']) }),
        computeMs: figure(row['compute_ms']),
        waitMs: figure(row['wait_ms']),
        ...(row['notes'] !== null && { notes: fromExactJson(text(row['notes'])) as Record<string, number> }),
        ...(row['push_reason'] !== null && { pushReason: text(row['push_reason']) as PushReason }),
      },
    }),
  },
  push: {
    name: 'pushes',
    columns: ['worker', 'sequence', 'base_version', 'version', 'staleness', 'weight', 'outcome', 'reason', 'bytes'],
    toCells: (push) => [
      push.worker,
      push.sequence,
      push.baseVersion,
      push.version,
      push.staleness,
      push.weight,
      push.outcome,
      push.reason,
      push.bytes,
    ],
    fromRow: (row) => ({
      worker: text(row['worker']),
      sequence: figure(row['sequence']),
      baseVersion: figure(row['base_version']),
      ...(row['version'] !== null && { version: figure(row['version']) }),
      staleness: figure(row['staleness']),
      weight: figure(row['weight']),
      outcome: text(row['outcome']) as RecordOf<'push'>['outcome'],
      ...(row['reason'] !== null && { reason: text(row['reason']) }),
      bytes: figure(row['bytes']),
    }),
  },
  allocation: {
    name: 'allocations',
    columns: ['worker', 'samples', 'batch', 'epochs', 'reason'],
    toCells: ({ worker, assignment, reason }) => [
      worker,
      assignment.samples,
      assignment.batch,
      assignment.epochs,
      reason,
    ],
    fromRow: (row) => ({
      worker: text(row['worker']),
      assignment: { samples: figure(row['samples']), batch: figure(row['batch']), epochs: figure(row['epochs']) },
      reason: text(row['reason']),
    }),
  },
  evaluation: {
    name: 'evaluations',
    columns: ['version', 'split', 'loss', 'accuracy', 'rows', 'iterations', 'samples', 'bytes'],
    toCells: (judged) => [
      judged.version,
      judged.split,
      judged.loss,
      judged.accuracy,
      judged.rows,
      judged.iterations,
      judged.samples,
      judged.bytes,
    ],
    fromRow: (row) => ({
      version: figure(row['version']),
      split: text(row['split']) as RecordOf<'evaluation'>['split'],
      loss: figure(row['loss']),
      accuracy: figure(row['accuracy']),
      rows: figure(row['rows']),
      iterations: figure(row['iterations']),
      samples: figure(row['samples']),
      bytes: figure(row['bytes']),
    }),
  },
  traffic: {
    name: 'traffic',
    columns: ['model_bytes', 'update_bytes', 'data_bytes', 'control_bytes', 'iterations', 'counterfactual_bytes'],
    toCells: ({ traffic, iterations, counterfactual }) => [
      traffic.model,
      traffic.update,
      traffic.data,
      traffic.control,
      iterations,
      counterfactual,
    ],
    fromRow: (row) => ({
      traffic: {
        model: figure(row['model_bytes']),
        update: figure(row['update_bytes']),
        data: figure(row['data_bytes']),
        control: figure(row['control_bytes']),
      },
      iterations: figure(row['iterations']),
      counterfactual: figure(row['counterfactual_bytes']),
    }),
  },
  incident: {
    name: 'incidents',
    columns: ['level', 'what', 'worker', 'text'],
    toCells: (incident) => [incident.level, incident.what, incident.worker, incident.text],
    fromRow: (row) => ({
      level: text(row['level']) as RecordOf<'incident'>['level'],
      what: text(row['what']) as RecordOf<'incident'>['what'],
      ...(row['worker'] !== null && { worker: text(row['worker']) }),
      text: text(row['text']),
    }),
  },
  decision: {
    name: 'decisions',
    columns: ['event', 'commands'],
    toCells: ({ event, commands }) => [toExactJson(event), toExactJson(commands)],
    fromRow: (row) => ({
      event: fromExactJson(text(row['event'])) as PolicyEvent,
      commands: fromExactJson(text(row['commands'])) as PolicyCommand[],
    }),
  },
};

export const RECORD_KINDS = Object.keys(RECORD_TABLES) as RecordKind[];

export function insertStatement(kind: RecordKind): string {
  const { name, columns } = RECORD_TABLES[kind];
  const all = ['run', 'seq', 'at_ms', ...columns];
  return `INSERT INTO ${name} (${all.join(', ')}) VALUES (${all.map(() => '?').join(', ')})`;
}

/** Values for `insertStatement`. */
export function recordCells(run: number, seq: number, record: RunRecord): Cell[] {
  const table = RECORD_TABLES[record.type] as RecordTable<RecordKind>;
  return [run, seq, record.atMs, ...table.toCells(record)].map(storable);
}

export function recordFromRow<K extends RecordKind>(kind: K, row: Row): RecordOf<K> {
  return { type: kind, atMs: figure(row['at_ms']), ...RECORD_TABLES[kind].fromRow(row) } as unknown as RecordOf<K>;
}

function storable(cell: Cell | undefined): Cell {
  if (cell === undefined) return null;
  return Number.isNaN(cell) ? 'NaN' : cell;
}

/** Numbers come back as numbers; the one number that SQLite cannot hold comes back from its name. */
function figure(value: unknown): number {
  return typeof value === 'number' ? value : Number(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : String(value);
}
