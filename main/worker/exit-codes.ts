/** What the agent's exit code tells whoever started it. A signal means that it was killed. */
export const EXIT = {
  /** Told to stop: the run is over. */
  done: 0,
  /** A mistake in the agent itself. */
  internal: 1,
  /** No valid join ticket on standard input. */
  usage: 2,
  /** The server refuses this worker. */
  refused: 3,
  /** The server cannot be reached, or was lost for too long. */
  unreachable: 4,
  /** No engine can train here, or training failed. */
  engine: 5,
  /** Standard input was closed: whoever started the agent is gone. */
  orphaned: 6,
} as const;
