/** The words by which an experiment names devices: a name, an identifier, `tag:…` for all that bear a tag, or `all`. */
import type { DeviceView } from './device.ts';

/** A word for several devices: of those it means the ones that an agent is deployed on. */
export function isGroupWord(word: string): boolean {
  return word === 'all' || word.startsWith('tag:');
}

export function isMeant(word: string, { id, name, tags }: Pick<DeviceView, 'id' | 'name' | 'tags'>): boolean {
  return word === 'all' || id === word || name === word || tags.some((tag) => word === `tag:${tag}`);
}
