/**
 * How a run is made again by somebody who has its report and nothing else: a command, and the files that
 * it reads. Every format says the same.
 */
import { type Cluster, type DeviceSpec, isMeasured } from '../core/cluster.ts';
import type { RunConfig } from '../core/config.ts';
import { plural } from '../core/display/format.ts';
import { HIDDEN_PATH } from './local-paths.ts';
import { isVirtual, type RunStory } from './story.ts';

export interface Repetition {
  /** To be typed where the files lie. */
  command: string;
  /** Nothing but the command and the files is needed, and the same figures come again. */
  exact: boolean;
  files: readonly RepetitionFile[];
  /** What else there is to know, a sentence each. */
  notes: readonly string[];
}

export interface RepetitionFile {
  name: string;
  holds: 'settings' | 'cluster';
  content: object;
}

/** Longer ones are no use on a page; the JSON report has every file whole. */
export const MAX_LISTED_CHARACTERS = 60_000;

const FOLDER = 'DIR';
const PROGRAM = 'In a source tree, caduceus is called as: npm run -s caduceus --';

export function repetitionOf(story: RunStory): Repetition {
  const { run, simulation } = story;
  const settings: RepetitionFile = { name: `${run.run}.json`, holds: 'settings', content: settingsOf(run.config) };
  const notes = [...notesOf(story), PROGRAM];
  const asSet = `--config ${settings.name}${lacksFolder(story) ? ` --data-dir ${FOLDER}` : ''}`;
  if (!isVirtual(story)) return { command: `caduceus train ${asSet}`, exact: false, files: [settings], notes };
  if (simulation === null) {
    const command = `caduceus simulate --cluster CLUSTER.json ${asSet}`;
    return { command, exact: false, files: [settings], notes };
  }
  const cluster: RepetitionFile = {
    name: `${run.run}-cluster.json`,
    holds: 'cluster',
    content: shortCluster(simulation.cluster),
  };
  const timing = simulation.timingOnly ? ' --timing-only' : '';
  return {
    command: `caduceus simulate --cluster ${cluster.name} ${asSet}${timing}`,
    exact: !areRenamed(story) && !lacksFolder(story),
    files: [settings, cluster],
    notes,
  };
}

/** A folder that is not told is left to the command. */
function settingsOf(config: RunConfig): object {
  if (config.dataset.dataDir !== HIDDEN_PATH) return config;
  const { dataDir: _, ...dataset } = config.dataset;
  return { ...config, dataset };
}

/** Whoever repeats it has to say where the data set's files are. */
function lacksFolder({ run, simulation }: RunStory): boolean {
  return run.config.dataset.dataDir === HIDDEN_PATH && simulation?.timingOnly !== true;
}

function notesOf(story: RunStory): string[] {
  const { run, simulation } = story;
  const { devices } = run.config.workers;
  const { name, dataDir } = run.config.dataset;
  const notes: string[] = [];
  if (!isVirtual(story)) {
    notes.push('The seed fixes data, model and draws; who is how fast when is the machines’ own.');
    if (devices.length > 0)
      notes.push('workers.devices names devices of whoever trained it: put yours in their place.');
  } else if (simulation === null) {
    notes.push(
      'The cluster of this run was not kept: the Caduceus that simulated it was an earlier one. CLUSTER.json stands for its description, and --timing-only is to be added where it was given.',
    );
  } else if (areRenamed(story)) {
    notes.push(
      'Devices are numbered in this report, and a device’s draws follow its name: other draws of the same cluster come. A report with the names of hosts gives the same figures.',
    );
  } else {
    notes.push(`The same figures come again, on any machine, with Caduceus ${run.environment.caduceus}.`);
    if (run.result === null) notes.push('The run was ended before its time; repeated, it goes on to its own end.');
  }
  if (lacksFolder(story)) {
    notes.push(`${FOLDER} stands for the folder that holds the files of ${name}.`);
  } else if (dataDir !== undefined && simulation?.timingOnly !== true) {
    notes.push(`The files of ${name} are looked for in dataset.dataDir; --data-dir names another folder.`);
  }
  return notes;
}

/** Measured devices whose names are not told. */
function areRenamed({ simulation, renamed }: RunStory): boolean {
  return renamed && simulation !== null && isMeasured(simulation.cluster);
}

/** JSON with a line for each setting, and one for each item of a list of objects: to be read, and short enough to be printed. */
export function jsonText(value: object): string {
  const lines = Object.entries(value).map(([key, held]) => `  ${JSON.stringify(key)}: ${valueText(held)}`);
  return `{\n${lines.join(',\n')}\n}`;
}

function valueText(value: unknown): string {
  const isList = Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'object');
  if (!isList) return JSON.stringify(value);
  return `[\n${value.map((item) => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`;
}

/** What a page shows of a file: all of it, or where it is to be had. */
export function listedText({ holds, content }: RepetitionFile): string | null {
  const text = jsonText(content);
  return text.length <= MAX_LISTED_CHARACTERS || holds === 'settings' ? text : null;
}

export function tooLongText({ name, content }: RepetitionFile): string {
  const { devices } = content as { devices: readonly unknown[] };
  return `${name} describes ${plural(devices.length, 'device')} and is too long for a page: the JSON report of this run holds it.`;
}

type ShortDevice = Omit<DeviceSpec, 'link'> & { link?: Partial<DeviceSpec['link']> };

/** The cluster without what each device says of its link that all say: read again, it is the same. */
function shortCluster({ devices, link, ...rest }: Cluster): object {
  const short = devices.map(({ name, samplesPerSecond, link: own, ...device }): ShortDevice => {
    const differing = Object.entries(own).filter(([key, value]) => link[key as keyof typeof link] !== value);
    return { name, samplesPerSecond, ...device, ...(differing.length > 0 && { link: Object.fromEntries(differing) }) };
  });
  return { ...rest, link, devices: short };
}
