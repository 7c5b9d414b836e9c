/** `stop` and `uninstall`: ends our agents on devices, or takes everything of ours off them. */
import type { DeploySummary, DevicesApi } from '../core/device.ts';
import { ALL_FLAG, chosenDevices, DEVICE_OPERANDS } from './device-choice.ts';
import { answerQuestions } from './device-questions.ts';
import { outcomeOf } from './deploy-outcome.ts';
import type { Invocation, Verb } from './verb.ts';

export const stop: Verb = {
  name: 'stop',
  summary: 'End the agents that Caduceus started on devices, and nothing else there.',
  operands: DEVICE_OPERANDS,
  flags: { all: ALL_FLAG },
  run: (invocation) => onDevices(invocation, 'stop', 'stopped', (devices, ids) => devices.stopAgents(ids)),
};

export const uninstall: Verb = {
  name: 'uninstall',
  summary: 'Take everything of Caduceus off devices; they stay in the inventory.',
  operands: DEVICE_OPERANDS,
  flags: { all: ALL_FLAG },
  run: (invocation) => onDevices(invocation, 'uninstall', 'clean', (devices, ids) => devices.uninstall(ids)),
};

async function onDevices(
  { flags, positionals, terminal, openControlPlane }: Invocation,
  verb: string,
  done: string,
  work: (devices: DevicesApi, ids: string[]) => Promise<DeploySummary>,
): Promise<unknown> {
  const { devices } = await openControlPlane();
  const chosen = chosenDevices(devices, positionals, flags, verb).filter(({ deployment }) => deployment !== null);
  const stopAnswering = answerQuestions(devices, terminal);
  try {
    const summary = await work(
      devices,
      chosen.map(({ id }) => id),
    );
    for (const { name, ok, error } of summary.devices) terminal.line(`${name}: ${ok ? done : (error?.message ?? '')}`);
    if (summary.devices.length === 0) terminal.line('Nothing is installed on these devices.');
    return outcomeOf(summary, `caduceus ${verb} …`);
  } finally {
    stopAnswering();
  }
}
