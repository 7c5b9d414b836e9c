/**
 * Reports travel; the names and addresses of machines need not. Unless they are asked for, devices are
 * called by number in everything that is written, free text included.
 */
import type { RunStory } from './story.ts';

/** Names that Caduceus gives, which tell nothing of a machine. */
const OUR_NAMES = /^(local|device|sim|worker)-\d+$/;
const ADDRESSES =
  /\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b|\[?\b(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}|:)\b\]?(?::\d{1,5})?|\bwss?:\/\/[^\s"']+/gi;
const HIDDEN_ADDRESS = '(address)';

/** The story with `device-1`, `device-2`, … for the devices of a real run; simulated ones are nobody's. */
export function withoutHosts(story: RunStory): RunStory {
  if (story.run.result?.virtual === true) return story;
  const names = namesIn(story);
  const hide = hider(names);
  return hidden(story, hide) as RunStory;
}

/** Names of workers and of devices in the settings, in order of appearance. */
function namesIn({ run, workers }: RunStory): string[] {
  const settings = run.config.workers as { devices?: readonly string[] };
  const named = [
    ...workers.map(({ worker }) => worker),
    ...(run.result?.workers ?? []).map(({ name }) => name),
    ...(settings.devices ?? []).filter((device) => device !== 'all' && !device.startsWith('tag:')),
  ];
  return [...new Set(named)].filter((name) => !OUR_NAMES.test(name));
}

function hider(names: readonly string[]): (text: string) => string {
  const aliases = new Map(names.map((name, index) => [name, `device-${index + 1}`]));
  // Longest first: `pi` must not take the beginning of `pi-desk`.
  const byLength = [...names].sort((one, other) => other.length - one.length).map(escapeForPattern);
  const pattern = byLength.length === 0 ? null : new RegExp(`(?<![\\w-])(?:${byLength.join('|')})(?![\\w-])`, 'gu');
  return (text) => {
    const renamed = pattern === null ? text : text.replaceAll(pattern, (name) => aliases.get(name) ?? name);
    return renamed.replaceAll(ADDRESSES, HIDDEN_ADDRESS);
  };
}

function escapeForPattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Keys that never hold a machine's name, only words and times of ours. */
const KEPT = new Set(['createdAt', 'startedAt', 'finishedAt', 'run', 'environment', 'type']);

function hidden(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === 'string') return hide(value);
  if (Array.isArray(value)) return value.map((item) => hidden(item, hide));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => {
      if (typeof held === 'string' && KEPT.has(key)) return [key, held];
      return [hide(key), hidden(held, hide)];
    }),
  );
}
