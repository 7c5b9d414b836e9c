/** Saves checkpoints until it is killed, each with one number in its state and all over its vector. */
import { loadNewestCheckpoint, saveCheckpoint } from './checkpoint-directory.ts';

const directory = process.argv[2] as string;
const newest = await loadNewestCheckpoint(directory);
let version = newest === undefined ? 0 : (newest.state as { version: number }).version;
process.stdout.write('saving\n');
for (;;) {
  version += 1;
  await saveCheckpoint(directory, { state: { version }, vectors: { model: new Float32Array(200_000).fill(version) } });
}
