/** What the preview of a data set is asked for: only what can be answered, of all workers that are chosen. */
import type { DeviceView } from '../../../main/core/device.ts';
import { isGroupWord, isMeant } from '../../../main/core/device-words.ts';
import { compareNames } from '../../../main/core/display/format.ts';
import type { Json } from '../../components/typed-value.ts';
import { speedsOf } from './speeds.ts';

/** As many as a preview takes. */
const MAX_WORKERS = 256;

export interface PreviewedWorkers {
  workers: { name: string; weight: number }[];
  /** Whether all their speeds are known in one measure: those of local workers are shares of this computer. */
  areComparable: boolean;
}

/** The field that no preview can be had with; null where it can be asked for. */
export function fieldInTheWay(fields: Readonly<Record<string, Json | undefined>>): string | null {
  const wrong = Object.entries(fields).find(
    ([, value]) => value !== undefined && !(Number.isSafeInteger(value) && (value as number) >= 0),
  );
  return wrong?.[0] ?? null;
}

export function previewedWorkers(
  { local, speeds, chosen }: { local: unknown; speeds: unknown; chosen: unknown },
  devices: readonly DeviceView[],
  shares: 'equal' | 'speed',
): PreviewedWorkers {
  const words = Array.isArray(chosen) ? chosen.filter((each): each is string => typeof each === 'string') : [];
  const own = devices
    .filter((device) =>
      words.some((word) => isMeant(word, device) && (device.deployment !== null || !isGroupWord(word))),
    )
    .sort((left, right) => compareNames(left.name, right.name));
  const locals =
    typeof local === 'number' && Number.isInteger(local) && local >= 1 ? speedsOf(local, sound(speeds)) : [];
  const measured = own.map(({ benchmark }) => benchmark?.samplesPerSecond ?? null);
  const areComparable = own.length === 0 || (locals.length === 0 && !measured.includes(null));
  const bySpeed = shares === 'speed' && areComparable;
  const workers = [
    ...locals.map((speed, index) => ({ name: `local-${index + 1}`, weight: bySpeed ? speed : 1 })),
    ...own.map(({ name }, index) => ({ name, weight: bySpeed ? (measured[index] ?? 1) : 1 })),
  ];
  return { workers: workers.slice(0, MAX_WORKERS), areComparable };
}

function sound(speeds: unknown): number[] {
  return Array.isArray(speeds) ? speeds.filter((speed): speed is number => typeof speed === 'number' && speed > 0) : [];
}
