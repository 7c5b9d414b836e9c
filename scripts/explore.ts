/**
 * `npm run explore`: looks for schedules that break a rule of `main/core/testbed/invariants.ts`. First all that can happen
 * within small bounds, then random schedules from seeds until the time is over. Exit code 1 on a violation.
 *
 *     npm run explore -- [--minutes N] [--policy NAME] [--seed FIRST] [--schedules N] [--exhaustive]
 *
 * With --seed or --schedules only random schedules, with --exhaustive only the bounds.
 */
import { parseArgs } from 'node:util';
import { exploreAll } from '../main/core/testbed/exhaustive.ts';
import { randomSchedule } from '../main/core/testbed/random-schedule.ts';
import { POLICIES } from '../main/core/policy/registry.ts';
import { ExplorationReport } from './exploration/report.ts';
import { describeScope, LARGE_SCOPES, onlookersFor, toExplore } from './exploration/scopes.ts';

/** One schedule in this many is done twice. */
const TWICE_EVERY = 20;
/** A bug that shows in every schedule is known after a few. */
const MAX_VIOLATIONS = 20;
const MAX_STATES = 1_000_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    policy: { type: 'string' },
    seed: { type: 'string' },
    schedules: { type: 'string' },
    exhaustive: { type: 'boolean', default: false },
  },
});
const minutes = positive('minutes', values.minutes);
const firstSeed = values.seed === undefined ? 1 : positive('seed', values.seed);
const maxSchedules = values.schedules === undefined ? Infinity : positive('schedules', values.schedules);
const policies = POLICIES.filter(({ name }) => name === (values.policy ?? name));
if (policies.length === 0)
  refuse(`there is no policy ${values.policy}; use ${POLICIES.map(({ name }) => name).join(', ')}`);

const onlyRandom = values.seed !== undefined || values.schedules !== undefined;
let violations = onlyRandom ? 0 : exploreBounds();
if (!values.exhaustive) violations += exploreAtRandom();
process.exitCode = violations === 0 ? 0 : 1;

function exploreBounds(): number {
  let [found, total] = [0, 0];
  const startedMs = performance.now();
  for (const scope of LARGE_SCOPES) {
    if (!policies.some(({ name }) => name === scope.policy)) continue;
    const scopeMs = performance.now();
    try {
      const { states, transitions, ends, schedules, longest } = exploreAll(toExplore(scope), MAX_STATES);
      total += states;
      const seconds = ((performance.now() - scopeMs) / 1000).toFixed(1);
      console.log(
        `complete  ${describeScope(scope)}: all ${states} reachable states, ${transitions} transitions, ${ends} ends, ` +
          `${schedules.toExponential(2)} schedules of up to ${longest} events (${seconds} s)`,
      );
    } catch (error) {
      found += 1;
      const causes: string[] = [];
      for (let each = error; each instanceof Error; each = each.cause) causes.push(each.message);
      console.log(`FAILED    ${describeScope(scope)}: ${causes.join(': ')}`);
    }
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${total} states within bounds in ${seconds} s, ${found} failures\n`);
  return found;
}

function exploreAtRandom(): number {
  const report = new ExplorationReport();
  const startedMs = performance.now();
  const endMs = maxSchedules === Infinity ? startedMs + minutes * 60_000 : Infinity;
  let done = 0;
  for (let seed = firstSeed; ; seed++) {
    for (const policy of policies) {
      if (performance.now() >= endMs || done >= maxSchedules || report.violations.length >= MAX_VIOLATIONS) {
        const names = policies.map(({ name }) => name).join(', ');
        console.log(`Random schedules, seeds ${firstSeed} to ${seed}, of ${names}`);
        for (const line of report.lines((performance.now() - startedMs) / 1000)) console.log(line);
        return report.violations.length;
      }
      try {
        const journey = randomSchedule(policy, seed, { withPairs: true, onlookers: onlookersFor });
        report.add(journey);
        const again = done % TWICE_EVERY === 0 ? randomSchedule(policy, seed) : undefined;
        if (again && !report.compare(journey, again)) throw new Error('the same seed went another way');
      } catch (error) {
        report.violated(policy.name, seed, error);
      }
      done += 1;
    }
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) refuse(`--${name} is a number above 0, not ${text}`);
  return value;
}

function refuse(why: string): never {
  console.error(`explore: ${why}`);
  process.exit(2);
}
