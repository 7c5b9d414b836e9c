/** The log of a run holds all that its policy knew: the same events lead to the same commands. */
import { describe, expect, it } from 'vitest';
import type { RunRecord } from './metrics.ts';
import { asp } from './policy/asp.ts';
import { bsp } from './policy/bsp.ts';
import { hermes } from './policy/hermes.ts';
import type { OptionValues } from './policy/options.ts';
import type { Policy, PolicySetup } from './policy/policy.ts';
import { nextUint32, prng, type PrngState } from './prng.ts';
import { type Decision, replayDecisions } from './replay.ts';
import { atRandom, Testbed } from './testbed.ts';
import { inject } from './testbed/faults.ts';
import { toyPolicy } from './testbed/toy-policy.ts';

const HERMES: OptionValues = { samples: 60, 'min-samples': 8, 'probe-samples': 20, lambda: 1 };
const POLICIES: [name: string, Policy, OptionValues][] = [
  ['bsp', bsp, {}],
  ['asp', asp, { 'round-scaling': true }],
  ['hermes', hermes, HERMES],
  ['hermes as released', hermes, { ...HERMES, ...hermes.faithful }],
];

function setupOf({ plan, settings }: Testbed): PolicySetup {
  const { options, trainRows, featureSize, seed } = plan;
  const random = prng(seed, 'policy');
  return { options, batch: settings.batch ?? 8, trainRows, rowBytes: featureSize + 1, random };
}

/** The decisions as they come back from a log in JSON. */
function decisionsOf(records: readonly RunRecord[]): Decision[] {
  const decisions = records.filter((record) => record.type === 'decision');
  return (JSON.parse(JSON.stringify(decisions)) as (RunRecord & { type: 'decision' })[]).map(({ event, commands }) => ({
    event,
    commands,
  }));
}

function trained(policy: Policy, options: OptionValues, seed: number): Testbed {
  const bed = new Testbed({
    policy,
    options,
    seed,
    workers: ['a', 'b', 'c'],
    msPerRow: (worker) => (worker === 'c' ? 9 : 1),
  });
  bed.connectAll();
  const chance = prng(seed, 'replay');
  bed.run(atRandom(chance), () => bed.server.version >= 20, 1500);
  return bed;
}

describe.each(POLICIES)('the log of a run under %s', (_name, policy, options) => {
  it('replays to the same decisions, with workers lost and found on the way', () => {
    for (let seed = 1; seed <= 2; seed++) {
      const bed = trained(policy, options, seed);
      const chance = prng(seed, 'faults');
      for (let round = 0; round < 10; round++) {
        inject(bed, 'drop', chance);
        bed.run(atRandom(chance), () => false, 20);
        inject(bed, 'reconnect', chance);
        bed.run(atRandom(chance), () => false, 30);
      }
      const decisions = decisionsOf(bed.records);
      expect(decisions.length).toBeGreaterThan(50);
      expect(replayDecisions(policy, setupOf(bed), decisions)).toEqual({ matched: decisions.length });
    }
  });

  it('replays across a resumption', () => {
    const bed = trained(policy, options, 7);
    const snapshot = bed.server.snapshot();
    const kept = bed.records.length;
    bed.run(atRandom(prng(8)), () => false, 50);
    bed.records.length = kept; // what came after the checkpoint is taken back
    bed.restartServer(snapshot);
    bed.connectAll();
    bed.run(atRandom(prng(9)), () => bed.server.version >= snapshot.state.version + 5, 1500);
    const decisions = decisionsOf(bed.records);
    expect(decisions.filter(({ event }) => event.type === 'left').length).toBeGreaterThanOrEqual(3);
    expect(replayDecisions(policy, setupOf(bed), decisions)).toEqual({ matched: decisions.length });
  });

  it('says where it first differs, and goes on', () => {
    const bed = trained(policy, options, 3);
    const decisions = decisionsOf(bed.records);
    const place = decisions.findIndex(({ commands }) => commands.some(({ type }) => type === 'apply'));
    const changed = decisions.with(place, { event: (decisions[place] as Decision).event, commands: [] });
    const replay = replayDecisions(policy, setupOf(bed), changed);
    expect(replay).toEqual({ matched: decisions.length - 1, firstDifference: place });
  });
});

it('the setup is not used up by a replay', () => {
  const bed = trained(hermes, HERMES, 2);
  const setup = setupOf(bed);
  const before = structuredClone(setup);
  replayDecisions(hermes, setup, decisionsOf(bed.records));
  expect(setup).toEqual(before);
});

it('commands on record that the policy no longer gives are a difference, and so are fields', () => {
  const bed = trained(asp, {}, 2);
  const decisions = decisionsOf(bed.records);
  const { event, commands } = decisions[0] as Decision;
  const more = [{ event, commands: [...commands, { type: 'collect', worker: 'a' } as const] }];
  expect(replayDecisions(asp, setupOf(bed), more)).toEqual({ matched: 0, firstDifference: 0 });
  const other = [{ event, commands: commands.map((command) => ({ ...command, worker: 'z' })) as typeof commands }];
  expect(replayDecisions(asp, setupOf(bed), other)).toEqual({ matched: 0, firstDifference: 0 });
});

it('a policy that draws by chance draws the same again, as often as it is replayed', () => {
  const gambler = toyPolicy<{ random: PrngState }>({
    start: (setup) => ({ random: setup.random }),
    step: (state, event) => (event.type === 'reported' ? [{ type: 'wake', atMs: nextUint32(state.random) }] : []),
  });
  const setup: PolicySetup = { options: {}, batch: 8, trainRows: 10, rowBytes: 5, random: prng(1, 'policy') };
  const iteration = { clock: 1, steps: 1, samples: 1, batch: 1, loss: 1, computeMs: 1, waitMs: 0 };
  const state = gambler.start(structuredClone(setup));
  const decisions = Array.from({ length: 5 }, (): Decision => {
    const event = { type: 'reported', nowMs: 0, worker: 'a', iteration } as const;
    return { event, commands: gambler.step(state, event) };
  });
  for (let turn = 0; turn < 2; turn++) expect(replayDecisions(gambler, setup, decisions)).toEqual({ matched: 5 });
});
