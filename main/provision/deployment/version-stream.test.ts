import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streamVersion } from './version-stream.ts';
import type { Version, VersionFile } from './version-files.ts';

const AGENT = Buffer.from('agent '.repeat(1000));
const FILES: VersionFile[] = [
  { name: 'agent.cjs', sha256: '', bytes: AGENT.length, content: AGENT },
  { name: 'supervise', sha256: '', bytes: 512, content: Buffer.alloc(512, 'x') },
];
const VERSION: Version = { id: '', manifest: Buffer.from('a manifest\n'), files: FILES };

describe('the stream of a version', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'caduceus-stream-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each([false, true])(
    'is an archive that tar unpacks, and tells its length (compressed: %s)',
    async (compressed) => {
      let seen = 0;
      const { stream, bytes } = await streamVersion(VERSION, FILES, {
        compressed,
        source: {},
        onBytes: (count) => (seen += count),
      });
      const archive = await buffer(stream);
      expect(archive.length).toBe(bytes);
      expect(seen).toBe(bytes);
      expect(bytes % 512 === 0).toBe(!compressed);
      execFileSync('tar', [compressed ? '-xzf' : '-xf', '-', '-C', directory], { input: archive });
      expect(readFileSync(join(directory, 'manifest'), 'utf8')).toBe('a manifest\n');
      expect(readFileSync(join(directory, 'agent.cjs')).equals(AGENT)).toBe(true);
      expect(readFileSync(join(directory, 'supervise')).length).toBe(512);
    },
  );
});
