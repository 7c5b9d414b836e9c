/** What those who look on at a simulation are told: checkers, the trace, transcripts. */
import type { Ledger } from '../core/accounting.ts';
import type { WorkerId } from '../core/policy/policy.ts';
import type { ServerInput, ServerOutput } from '../core/parameter-server.ts';
import type { Message } from '../core/protocol/messages.ts';

/** The server as seen from outside. */
export interface Witnessed {
  readonly version: number;
  readonly parameters: Float32Array;
  readonly ledger: Pick<Ledger, 'total' | 'snapshot'>;
}

export interface Watcher {
  /** One input to the server machine and all it answered, before any of that is carried out. */
  exchange?(input: ServerInput, outputs: readonly ServerOutput[], server: Witnessed): void;
  /** A message has been put on the wire by the server, or has come in there. */
  moved?(worker: WorkerId, message: Message, bytes: number): void;
  /** The run is over and nothing more will be told. */
  finished?(server: Witnessed): void;
}
