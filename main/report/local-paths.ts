/**
 * Where files lie on the controller or on a device tells who works there (`/home/ada/mnist`), and is of no use
 * to whoever reads a report elsewhere. A run has paths in two places: the folder of its data set's files, and the free
 * text of errors and incidents.
 */
import type { RunStory } from './story.ts';

export const HIDDEN_PATH = '(path)';

/** `/a/b`, `file:///a/b`, `C:\a\b` and `\\server\share`; not `~/.ssh/config`, which is the same for everybody, and no URL. */
const PATHS = new RegExp(
  [
    String.raw`(?:file:\/\/|(?<![\w.~/:\\]))(?:\/[^\s/"'${'`'},;:()]+)+\/?(?<!\.)`,
    // Folders may have spaces in their names: what comes before a backslash is one.
    String.raw`(?:\b[a-z]:\\|(?<!\\)\\\\)(?:[^\s\\"':]+(?: [^\s\\"':]+)*\\)*[^\s\\"':,;()]*(?<!\.)`,
  ].join('|'),
  'gi',
);
/** Of a folder that is no more than a word, every use of the word would be hidden, and it tells nothing. */
const HAS_SEPARATOR = /[^\s./\\][/\\]|[/\\][^\s./\\]/;

export function withoutPaths(story: RunStory): RunStory {
  const { run, incidents } = story;
  const { error, config } = run;
  const { dataDir } = config.dataset;
  const hide = (text: string): string => {
    // As it is spelled first: it may be relative, or have spaces in it.
    const known = dataDir !== undefined && HAS_SEPARATOR.test(dataDir) ? text.replaceAll(dataDir, HIDDEN_PATH) : text;
    return known.replaceAll(PATHS, HIDDEN_PATH);
  };
  return {
    ...story,
    run: {
      ...run,
      error: error && { ...error, message: hide(error.message), remedy: hide(error.remedy) },
      config: dataDir === undefined ? config : { ...config, dataset: { ...config.dataset, dataDir: HIDDEN_PATH } },
    },
    incidents: incidents.map((incident) => ({ ...incident, text: hide(incident.text) })),
  };
}
