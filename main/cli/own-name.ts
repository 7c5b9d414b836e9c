/** How this program is called here: hints are commands that can be typed as they stand. */

const VERBS =
  'ablate|cluster|compare|demo|deploy|devices|export-model|logs|replay|report|runs|serve|simulate|stop|train|uninstall';
const NAMED = new RegExp(`\\bcaduceus (?=(?:${VERBS}|<verb>|--help)\\b|<verb>|--help)`, 'g');

/** From a source tree the program is started through npm, which needs `--` before our flags. */
export function withOwnName(text: string, environment: NodeJS.ProcessEnv): string {
  const throughNpm = ['caduceus', 'demo'].includes(environment['npm_lifecycle_event'] ?? '');
  return throughNpm ? text.replaceAll(NAMED, 'npm run -s caduceus -- ') : text;
}
