/**
 * The report as tables: one file a kind of record and one of runs, each with the run in its first column,
 * RFC 4180. Text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP ASVS
 * 1.2.10); numbers stay numbers. What is not known is an empty cell.
 */
import { devicesOf } from './devices.ts';
import { figuresOf } from './figures.ts';
import type { RunStory } from './story.ts';

export type CsvCell = string | number | boolean | null | undefined;

interface CsvTable<T> {
  name: string;
  records: (story: RunStory) => readonly T[];
  columns: Readonly<Record<string, (record: T) => CsvCell>>;
}

function csvTable<T>(table: CsvTable<T>): CsvTable<unknown> {
  return table as CsvTable<unknown>;
}

const TABLES: readonly CsvTable<unknown>[] = [
  csvTable({
    name: 'runs',
    records: (story) => [{ ...story.run, simulation: story.simulation, figures: figuresOf(story) }],
    columns: {
      name: ({ name }) => name,
      status: ({ status }) => status,
      created: ({ createdAt }) => createdAt,
      policy: ({ config }) => config.policy,
      model: ({ config }) => config.model,
      dataset: ({ config }) => config.dataset.name,
      seed: ({ config }) => config.seed,
      virtual: ({ figures }) => figures.virtual,
      cluster: ({ simulation }) => simulation?.cluster.name,
      timing_only: ({ simulation }) => simulation?.timingOnly,
      end_reason: ({ result }) => result?.endReason,
      seconds: ({ figures }) => figures.seconds,
      target_accuracy: ({ figures }) => figures.target,
      seconds_to_target: ({ figures }) => figures.secondsToTarget,
      iterations: ({ figures }) => figures.iterations,
      pushes: ({ figures }) => figures.pushes,
      samples: ({ figures }) => figures.samples,
      bytes_up: ({ figures }) => figures.bytes?.up,
      bytes_down: ({ figures }) => figures.bytes?.down,
      bytes_control: ({ figures }) => figures.bytes?.control,
      bytes_data: ({ figures }) => figures.bytes?.data,
      bytes_counterfactual: ({ figures }) => figures.bytes?.counterfactual,
      saved_percent: ({ figures }) => figures.bytes?.savedPercent,
      test_accuracy: ({ figures }) => figures.accuracy,
      test_loss: ({ figures }) => figures.loss,
      wait_share: ({ figures }) => figures.waitShare,
    },
  }),
  csvTable({
    name: 'workers',
    records: (story) => figuresOf(story).workers,
    columns: {
      worker: ({ name }) => name,
      engine: ({ profile }) => profile.engine,
      throttle: ({ profile }) => profile.throttle,
      cores: ({ profile }) => profile.cores,
      memory_bytes: ({ profile }) => profile.memoryBytes,
      samples: ({ samples }) => samples,
      samples_per_second: ({ samplesPerSecond }) => samplesPerSecond,
      iterations: ({ iterations }) => iterations,
      pushes: ({ pushes }) => pushes,
      wait_share: ({ waitShare }) => waitShare,
      staleness: ({ staleness }) => staleness,
      model_bytes: ({ bytes }) => bytes?.model,
      update_bytes: ({ bytes }) => bytes?.update,
      data_bytes: ({ bytes }) => bytes?.data,
      control_bytes: ({ bytes }) => bytes?.control,
      lost: ({ lost }) => lost,
    },
  }),
  csvTable({
    name: 'devices',
    records: devicesOf,
    columns: {
      device: ({ name }) => name,
      engine: ({ profile }) => profile.engine,
      cores: ({ profile }) => profile.cores,
      memory_bytes: ({ profile }) => profile.memoryBytes,
      architecture: ({ profile }) => profile.architecture,
      platform: ({ profile }) => profile.platform,
      samples_per_second_at_join: ({ profile }) => profile.samplesPerSecond,
      throttle: ({ profile }) => profile.throttle,
      network_path: ({ link, simulated }) => link?.path ?? (simulated && 'simulated'),
      tls: ({ link }) => link?.tls,
      address: ({ address }) => address,
      up_bits_per_second: ({ simulated }) => simulated?.upBitsPerSecond,
      down_bits_per_second: ({ simulated }) => simulated?.downBitsPerSecond,
      latency_ms: ({ simulated }) => simulated?.latencyMs,
    },
  }),
  csvTable({
    name: 'iterations',
    records: ({ iterations }) => iterations,
    columns: {
      at_ms: ({ atMs }) => atMs,
      worker: ({ worker }) => worker,
      clock: ({ iteration }) => iteration.clock,
      pushed: ({ pushed }) => pushed,
      steps: ({ iteration }) => iteration.steps,
      samples: ({ iteration }) => iteration.samples,
      batch: ({ iteration }) => iteration.batch,
      loss: ({ iteration }) => iteration.loss,
      probe_loss: ({ iteration }) => iteration.probeLoss,
      compute_ms: ({ iteration }) => iteration.computeMs,
      wait_ms: ({ iteration }) => iteration.waitMs,
      z: ({ iteration }) => iteration.notes?.['z'],
      threshold: ({ iteration }) => iteration.notes?.['threshold'],
      push_reason: ({ iteration }) => iteration.pushReason,
    },
  }),
  csvTable({
    name: 'pushes',
    records: ({ pushes }) => pushes,
    columns: {
      at_ms: ({ atMs }) => atMs,
      worker: ({ worker }) => worker,
      sequence: ({ sequence }) => sequence,
      base_version: ({ baseVersion }) => baseVersion,
      version: ({ version }) => version,
      staleness: ({ staleness }) => staleness,
      weight: ({ weight }) => weight,
      outcome: ({ outcome }) => outcome,
      reason: ({ reason }) => reason,
      bytes: ({ bytes }) => bytes,
    },
  }),
  csvTable({
    name: 'allocations',
    records: ({ allocations }) => allocations,
    columns: {
      at_ms: ({ atMs }) => atMs,
      worker: ({ worker }) => worker,
      samples: ({ assignment }) => assignment.samples,
      batch: ({ assignment }) => assignment.batch,
      epochs: ({ assignment }) => assignment.epochs,
      reason: ({ reason }) => reason,
    },
  }),
  csvTable({
    name: 'evaluations',
    records: ({ evaluations }) => evaluations,
    columns: {
      at_ms: ({ atMs }) => atMs,
      version: ({ version }) => version,
      split: ({ split }) => split,
      loss: ({ loss }) => loss,
      accuracy: ({ accuracy }) => accuracy,
      rows: ({ rows }) => rows,
      iterations: ({ iterations }) => iterations,
      samples: ({ samples }) => samples,
      bytes: ({ bytes }) => bytes,
    },
  }),
  csvTable({
    name: 'traffic',
    records: ({ traffic }) => traffic,
    columns: {
      at_ms: ({ atMs }) => atMs,
      model_bytes: ({ traffic }) => traffic.model,
      update_bytes: ({ traffic }) => traffic.update,
      data_bytes: ({ traffic }) => traffic.data,
      control_bytes: ({ traffic }) => traffic.control,
      iterations: ({ iterations }) => iterations,
      counterfactual_bytes: ({ counterfactual }) => counterfactual,
    },
  }),
  csvTable({
    name: 'incidents',
    records: ({ incidents }) => incidents,
    columns: {
      at_ms: ({ atMs }) => atMs,
      level: ({ level }) => level,
      what: ({ what }) => what,
      worker: ({ worker }) => worker,
      text: ({ text }) => text,
    },
  }),
];

/** One file a table, all runs in each. */
export function renderCsv(stories: readonly RunStory[]): { name: string; text: string }[] {
  return TABLES.map(({ name, records, columns }) => {
    const rows: CsvCell[][] = [['run', ...Object.keys(columns)]];
    for (const story of stories) {
      for (const record of records(story)) {
        rows.push([story.run.run, ...Object.values(columns).map((column) => column(record))]);
      }
    }
    return { name, text: rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('') };
  });
}

/** A number as its shortest exact text; text quoted where it must be and never a formula. */
export function csvCell(cell: CsvCell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  if (typeof cell === 'boolean') return cell ? 'true' : 'false';
  const text = cell.replaceAll('\0', '\ufffd');
  const harmless = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
