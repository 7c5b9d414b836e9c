/** Policies made for one test: what the test is about is given, all else is the least there can be. */
import {
  type Assignment,
  type Carry,
  definePolicy,
  type GateInput,
  type GateAnswer,
  PLAIN_SAMPLING,
  type Policy,
  type PolicyCommand,
  type PolicyEvent,
  type PolicySetup,
  type Sampling,
  type Verdict,
} from '../policy/policy.ts';

interface ToyParts<State> {
  name?: string;
  carry?: Carry;
  sampling?: Sampling;
  assignment?: Assignment;
  start?: (setup: PolicySetup) => State;
  /** Joining is answered with the assignment and the model before this is asked. */
  step?(state: State, event: PolicyEvent): PolicyCommand[];
  /** A verdict for every iteration, or what decides on one. */
  gate?: Verdict | ((input: GateInput) => GateAnswer);
}

export function toyPolicy<State = null>(parts: ToyParts<State>): Policy {
  const { gate = 'push-and-wait', assignment = { samples: 16, batch: 16, epochs: 1 } } = parts;
  return definePolicy<State, null>({
    name: parts.name ?? 'toy',
    title: 'Toy',
    summary: 'For one test.',
    options: {},
    carry: () => parts.carry ?? 'gradient',
    sampling: () => parts.sampling ?? PLAIN_SAMPLING,
    start: (setup) => parts.start?.(setup) ?? (null as State),
    step(state, event) {
      const commands = parts.step?.(state, event) ?? [];
      if (event.type !== 'joined') return commands;
      const { worker } = event;
      return [
        { type: 'assign', worker, assignment, reason: 'joined' },
        { type: 'release', worker, model: true },
        ...commands,
      ];
    },
    startGate: () => null,
    gate: (_state, input) => (typeof gate === 'function' ? gate(input) : { verdict: gate }),
  });
}
