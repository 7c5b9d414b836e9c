/** The agent on the oldest Node that devices may have: Node 20, which lacks what Node 24 has. */
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Encoding } from '../main/core/compression/encoding.ts';
import { checksum } from '../main/core/parameters.ts';
import { EXIT } from '../main/worker/exit-codes.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { newCertificate } from './certificates.ts';
import { TinyRun } from './tiny-run.ts';

/** A Node 20 of this host; undefined where there is none. `CADUCEUS_OLD_NODE` names one. */
function oldNode(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [process.env['CADUCEUS_OLD_NODE'], ...folders.map((folder) => join(folder, 'node'))];
  return candidates.find((file) => {
    if (file === undefined || file === '') return false;
    const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
    return typeof stdout === 'string' && stdout.startsWith('v20.');
  });
}

/** Forty iterations of one worker, to the end; what came of it. */
async function train(encoding: Encoding, programs: { node?: string }, secure = false) {
  const run = await TinyRun.start({
    policy: 'bsp',
    encoding,
    config: { stop: { maxSeconds: 100, maxIterations: 40 } },
    ...(secure && { certificate: await newCertificate() }),
  });
  const agent = await run.launch('a', programs);
  await run.end();
  await run.host.close();
  expect((await agent.exited).code).toBe(EXIT.done);
  const losses = run.records.flatMap((record) => (record.type === 'iteration' ? [record.iteration.loss] : []));
  return { losses, model: checksum(run.host.parameters) };
}

/** @param encodings Of pushes and models; the first is tried under TLS too. */
export function trainsOnOldNode(encodings: readonly Encoding[]): void {
  vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
  const node = oldNode();
  beforeAll(() => ensureAgent());

  describe.skipIf(node === undefined)(`an agent on Node 20 (${node ?? 'skipped: this host has none'})`, () => {
    const old = { ...(node !== undefined && { node }) };

    it.each(encodings)('trains to the same bits as on this Node, with pushes and models in %s', async (encoding) => {
      const [there, here] = [await train(encoding, old), await train(encoding, {})];
      expect(here.losses).toHaveLength(40);
      expect(there).toEqual(here);
      if (encoding === encodings[0]) expect(await train(encoding, old, true), 'over TLS').toEqual(here);
    });
  });
}
