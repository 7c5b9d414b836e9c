/** A simulation in which something happened that must never happen: a mistake of ours, with all it takes to see it again. */
export class SimulationFailure extends Error {
  readonly seed: number;
  /** How many things had happened, that one included. */
  readonly event: number;
  readonly atMs: number;

  constructor(seed: number, event: number, atMs: number, what: unknown) {
    const text = what instanceof Error ? what.message : String(what);
    super(`${text} (seed ${seed}, event ${event}, at ${atMs} ms)`, what instanceof Error ? { cause: what } : undefined);
    this.name = 'SimulationFailure';
    this.seed = seed;
    this.event = event;
    this.atMs = atMs;
  }
}
