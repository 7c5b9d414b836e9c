/** C3: the version is the number of applies, and rises by one with each. C5: the model keeps its shape. */
import { assert } from '../../core/assert.ts';
import type { ServerInput, ServerOutput } from '../../core/parameter-server.ts';
import type { Watcher, Witnessed } from '../watch.ts';

export class Versions implements Watcher {
  #version = 0;
  #size: number | undefined;

  exchange(_input: ServerInput, outputs: readonly ServerOutput[], server: Witnessed): void {
    for (const output of outputs) {
      if (output.type !== 'record' || output.record.type !== 'push' || output.record.outcome === 'dropped') continue;
      const { version } = output.record;
      const isSameApply = version === this.#version;
      assert(isSameApply || version === this.#version + 1, `C3: version ${version} follows ${this.#version}`);
      this.#version = version ?? NaN;
    }
    assert(server.version === this.#version, `C3: the server is at version ${server.version}, not ${this.#version}`);
    this.#size ??= server.parameters.length;
    assert(server.parameters.length === this.#size, 'C5: the model keeps its shape');
  }
}
