/**
 * Reports travel; the names and addresses of machines, and where their files lie, need not. Unless they are asked
 * for, devices are called by number in everything that is written, free text included.
 */
import { isMeasured } from '../core/cluster.ts';
import { withoutPaths } from './local-paths.ts';
import { isVirtual, type RunStory } from './story.ts';

/** Names that Caduceus gives, which tell nothing of a machine. */
const OUR_NAMES = /^(local|device|sim|worker)-\d+$/;
const ADDRESSES =
  /\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b|\[?\b(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}|:)\b\]?(?::\d{1,5})?|\bwss?:\/\/[^\s"']+/gi;
const HIDDEN_ADDRESS = '(address)';

/**
 * The story with `device-1`, `device-2`, … for real devices, those that a run was simulated on as they were
 * measured among them; others that are simulated are nobody's. Where the server listened is left out as well, and paths are for every run.
 */
export function withoutHosts(open: RunStory): RunStory {
  const story = withoutPaths(open);
  const { simulation } = story;
  if (simulation === null ? isVirtual(story) : !isMeasured(simulation.cluster)) return story;
  const hide = hider(namesIn(story));
  const told = hidden(story, hide) as RunStory;
  const { host: _host, ...server } = told.run.config.server;
  return { ...told, run: { ...told.run, config: { ...told.run.config, server } }, renamed: true };
}

/** Names of workers and of devices in the settings, in order of appearance. */
function namesIn({ run, workers, simulation }: RunStory): string[] {
  const settings = run.config.workers as { devices?: readonly string[] };
  const named = [
    ...workers.map(({ worker }) => worker),
    ...(run.result?.workers ?? []).map(({ name }) => name),
    ...(simulation?.cluster.devices ?? []).map(({ name }) => name),
    ...(settings.devices ?? []).filter((device) => device !== 'all' && !device.startsWith('tag:')),
  ];
  return [...new Set(named)];
}

function hider(all: readonly string[]): (text: string) => string {
  const names = all.filter((name) => !OUR_NAMES.test(name));
  // A device may be called as others are numbered.
  const free = Array.from({ length: all.length }, (_, index) => `device-${index + 1}`).filter(
    (alias) => !all.includes(alias),
  );
  const aliases = new Map(names.map((name, index) => [name, free[index] ?? `device-${all.length + index + 1}`]));
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
      if (key === 'address') return [key, HIDDEN_ADDRESS];
      if (typeof held === 'string' && KEPT.has(key)) return [key, held];
      return [hide(key), hidden(held, hide)];
    }),
  );
}
