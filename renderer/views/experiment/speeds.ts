/** Relative speeds of local workers in words, as they are repeated when there are fewer of them than workers. */
import { decimal } from '../../../main/core/display/format.ts';
import type { Json } from '../../components/typed-value.ts';

const MOST_SHOWN = 6;

export function speedsInWords(workers: number, speeds: Json | undefined): string {
  const given = Array.isArray(speeds) ? speeds.filter((speed): speed is number => typeof speed === 'number') : [];
  if (given.length === 0) return 'All as fast as this computer lets them.';
  const all = speedsOf(workers, given);
  const shown = all
    .slice(0, MOST_SHOWN)
    .map((speed, index) => `local-${index + 1}\u00a0${decimal(100 * speed)}\u00a0%`);
  return `${shown.join(', ')}${all.length > MOST_SHOWN ? ` and ${all.length - MOST_SHOWN} more` : ''}`;
}

export function speedsOf(workers: number, given: readonly number[]): number[] {
  if (given.length === 0) return Array.from({ length: workers }, () => 1);
  return Array.from({ length: Math.min(workers, 256) }, (_, index) => given[index % given.length] ?? 1);
}
