/** `deploy`: brings the agent to devices, in steps that can be watched, taken again and cancelled. */
import type { DeploySummary, DeviceView } from '../core/device.ts';
import { CaduceusError } from '../core/errors.ts';
import { ALL_FLAG, chosenDevices, DEVICE_OPERANDS } from './device-choice.ts';
import { answerQuestions } from './device-questions.ts';
import { outcomeOf } from './deploy-outcome.ts';
import { DeployView } from './deploy-view.ts';
import * as format from './format.ts';
import { onInterrupt } from './interrupt.ts';
import type { Verb } from './verb.ts';

export const deploy: Verb = {
  name: 'deploy',
  summary: 'Bring the worker agent to devices over SSH, prove it there, and measure it.',
  operands: DEVICE_OPERANDS,
  flags: {
    all: ALL_FLAG,
    'failed-only': { type: 'boolean', help: 'Of these, only devices whose last deployment failed' },
    'accept-new': { type: 'boolean', help: 'Trust host keys at first contact; changed keys are refused all the same' },
    'no-benchmark': { type: 'boolean', help: 'Do not measure how fast the devices train' },
    benchmark: { type: 'boolean', help: 'Measure again, also what was measured before' },
    native: {
      type: 'boolean',
      help: 'Have the devices install the native engine (tfjs-node) with their own npm, where they can',
    },
    previous: {
      type: 'boolean',
      help: 'Go back to the version that the devices had before; they keep it, and nothing is sent',
    },
  },
  async run({ flags, positionals, terminal, openControlPlane }) {
    const { devices } = await openControlPlane();
    const chosen = chosenDevices(devices, positionals, flags, 'deploy');
    const ids = chosen.map(({ id }) => id);
    const view = new DeployView(terminal, chosen);
    const stopAnswering = answerQuestions(devices, terminal);
    const stopWatching = devices.onChange((all) => view.update(all));
    let isInterrupted = false;
    const stopListening = onInterrupt(() => {
      isInterrupted = true;
      void devices.cancel(ids);
    });
    try {
      const summary = await devices.deploy({
        devices: ids,
        ...(flags['failed-only'] === true && { failedOnly: true }),
        ...(flags['accept-new'] === true && { acceptNew: true }),
        ...(flags['native'] === true && { native: true }),
        ...(flags['previous'] === true && { previous: true }),
        ...(flags['no-benchmark'] === true ? { benchmark: false } : flags['benchmark'] === true && { benchmark: true }),
      });
      view.end(devices.list());
      if (isInterrupted) throw interrupted();
      const ready = summary.devices.filter(({ ok }) => ok).length;
      const sent = summary.devices.reduce((sum, { uploadedBytes }) => sum + uploadedBytes, 0);
      const took = format.seconds(summary.tookMs / 1000);
      terminal.line(`${ready} of ${summary.devices.length} devices ready in ${took}; ${format.bytes(sent)} sent`);
      for (const words of nativeWords(summary, devices.list())) terminal.line(words);
      const views = new Map(devices.list().map((device) => [device.id, device]));
      const document = {
        ...summary,
        devices: summary.devices.map((entry) => {
          const { facts = null, benchmark = null, path = null, deployment = null } = views.get(entry.id) ?? {};
          return { ...entry, deployment, path, benchmark, architecture: facts?.architecture ?? null };
        }),
      };
      // Going back once more would bring the others forward again.
      return outcomeOf(document, flags['previous'] === true ? undefined : 'caduceus deploy --all --failed-only');
    } finally {
      stopListening();
      stopWatching();
      stopAnswering();
    }
  },
};

/** What became of native engines that were asked for; and who could have one. */
function nativeWords({ devices }: DeploySummary, views: readonly DeviceView[]): string[] {
  const without = devices.filter(({ ok, native }) => ok && native?.isInstalled === false);
  const lines = without.map(({ name, native }) => `${name} goes on without the native engine: ${native?.reason ?? ''}`);
  if (devices.some(({ native }) => native !== undefined)) return lines;
  const able = views.filter(
    ({ id, facts, deployment }) =>
      devices.some((entry) => entry.id === id && entry.ok && entry.uploadedBytes > 0) &&
      facts?.hasNpm === true &&
      deployment?.engine !== 'tfjs-node',
  );
  if (able.length === 0) return [];
  const names = able.map(({ name }) => name).join(' ');
  return [`With npm there, a native engine may be faster: caduceus deploy ${names} --native`];
}

function interrupted(): CaduceusError {
  return new CaduceusError(
    'CAD-INTERRUPTED',
    'the deployment was stopped by its user; nothing half-done was left on the devices',
    'Deploy again when you want it: what is there already is not sent again.',
  );
}
