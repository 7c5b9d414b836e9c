/** What a freshly deployed agent is asked about itself, and what it answers; between controller and agent. */
import type { ErrorReport } from './errors.ts';

export interface SelfCheckRequest extends Partial<EngineQuestion> {
  /** Addresses of the controller to try; `word` proves to it who came. */
  reach: { host: string; port: number; word: string }[];
}

/** What the agent itself is asked. */
export interface EngineQuestion {
  /** Find an engine that trains this model. */
  engine: { model: string; batch: number };
  /** Then measure it. */
  benchmark?: { milliseconds: number };
}

/** One line of standard output each, in this order. */
export type SelfCheckFinding =
  | { type: 'started'; node: string; architecture: string; platform: string; cores: number }
  /** `tookMs`: from the word to its answer. `reason`: why the address was not reached. */
  | { type: 'reach'; host: string; port: number; tookMs: number; reason?: string }
  | { type: 'engine'; engine: string; refused: string[] }
  | { type: 'benchmark'; engine: string; model: string; batch: number; samplesPerSecond: number }
  | { type: 'failed'; error: ErrorReport };
