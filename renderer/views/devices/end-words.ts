/** How something that was done to devices has ended. What its user cancelled is no failure. */
import type { DeploySummary } from '../../../main/core/device.ts';
import { plural } from '../../../main/core/display/format.ts';

export function endInWords(
  { devices }: Pick<DeploySummary, 'devices'>,
  done: string,
): { text: string; tone: 'good' | 'bad' | 'plain' } {
  const well = devices.filter(({ ok }) => ok).length;
  const cancelled = devices.filter(({ error }) => error?.code === 'CAD-CANCELLED').length;
  const failed = devices.length - well - cancelled;
  const parts = [
    ...(failed > 0 ? [`${plural(failed, 'device')} could not be ${done}`] : []),
    ...(well > 0 || devices.length === 0 ? [`${plural(well, 'device')} ${done}`] : []),
    ...(cancelled > 0 ? [`${cancelled === devices.length ? plural(cancelled, 'device') : cancelled} cancelled`] : []),
  ];
  return { text: `${parts.join(', ')}.`, tone: failed > 0 ? 'bad' : well > 0 ? 'good' : 'plain' };
}
