/** What a random exploration has seen, added up over its schedules. */
import type { Journey } from '../../main/core/testbed/random-schedule.ts';

export class ExplorationReport {
  readonly #faults = new Map<string, number>();
  readonly #pairs = new Set<string>();
  #schedules = 0;
  #events = 0;
  #applied = 0;
  #again = 0;
  #same = 0;
  readonly violations: { text: string; repeat: string }[] = [];

  add({ events, faults, applied, pairs }: Journey): void {
    this.#schedules += 1;
    this.#events += events;
    this.#applied += applied;
    for (const [fault, count] of faults) this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + count);
    for (const pair of pairs) this.#pairs.add(pair);
  }

  /** A schedule was done twice. */
  compare(first: Journey, second: Journey): boolean {
    this.#again += 1;
    if (first.trace !== second.trace) return false;
    this.#same += 1;
    return true;
  }

  violated(policy: string, seed: number, error: unknown): void {
    const causes: string[] = [];
    for (let each = error; each instanceof Error; each = each.cause) causes.push(each.message);
    const repeat = `npm run explore -- --policy ${policy} --seed ${seed} --schedules 1`;
    this.violations.push({ text: causes.join(': ') || String(error), repeat });
  }

  lines(seconds: number): string[] {
    const faults = [...this.#faults].sort(([left], [right]) => (left < right ? -1 : 1));
    const injected = faults.reduce((sum, [, count]) => sum + count, 0);
    return [
      `schedules             ${this.#schedules}`,
      `events                ${this.#events} (${Math.round(this.#events / seconds)} a second)`,
      `pushes applied        ${this.#applied}`,
      `faults injected       ${injected}: ${faults.map(([fault, count]) => `${fault} ${count}`).join(', ')}`,
      `state-event pairs     ${this.#pairs.size} distinct`,
      `determinism re-runs   ${this.#same} of ${this.#again} the same`,
      `violations            ${this.violations.length}`,
      ...this.violations.flatMap(({ text, repeat }) => [`  ${text}`, `    again: ${repeat}`]),
      `wall time             ${seconds.toFixed(1)} s`,
    ];
  }
}
