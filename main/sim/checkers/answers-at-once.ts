/** A1: an asynchronous grant never waits for another worker: a push is applied and answered in one go. */
import { assert } from '../../core/assert.ts';
import type { ServerInput, ServerOutput } from '../../core/parameter-server.ts';
import type { Watcher } from '../watch.ts';

export class AnswersAtOnce implements Watcher {
  exchange(input: ServerInput, outputs: readonly ServerOutput[]): void {
    if (input.type !== 'message' || input.message.kind !== 'push') return;
    const { worker } = input;
    const isTaken = outputs.some(
      (output) => output.type === 'record' && output.record.type === 'push' && output.record.outcome === 'applied',
    );
    if (!isTaken) return; // of an ended connection, or refused
    const isAnswered = outputs.some((output) => output.type === 'send-model' && output.worker === worker);
    assert(isAnswered, `A1: ${worker} has to wait`);
  }
}
