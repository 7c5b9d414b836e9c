/** C9: a run ends once, for one reason, and nothing comes after. */
import { assert } from '../../core/assert.ts';
import type { ServerInput, ServerOutput } from '../../core/parameter-server.ts';
import type { Watcher } from '../watch.ts';

export class Endings implements Watcher {
  #ended = false;

  exchange(_input: ServerInput, outputs: readonly ServerOutput[]): void {
    for (const output of outputs) {
      assert(!this.#ended, `C9: a ${output.type} after the end`);
      if (output.type === 'ended') this.#ended = true;
    }
  }

  finished(): void {
    assert(this.#ended, 'C9: a finished run has ended');
  }
}
