/** A ZIP of ours is one to the programs that people have. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { prng, uniform } from '../core/prng.ts';
import { writeZip, type ZipEntry } from './zip-file.ts';

const scratch = mkdtempSync(join(tmpdir(), 'caduceus-zip-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const has = (program: string): boolean => spawnSync(program, ['-h']).error === undefined;
const CHECK = `import hashlib, json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps({name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}))`;

/** Nothing, text that packs well, bytes that do not, and more than a buffer of either. */
function contents(): Map<string, Buffer> {
  const chance = prng(1, 'zip');
  const noise = Buffer.from(Array.from({ length: 300_000 }, () => Math.floor(256 * uniform(chance))));
  return new Map([
    ['report.html', Buffer.from('<p>a line</p>\n'.repeat(40_000))],
    ['report-csv/runs.csv', Buffer.from('run,name\r\n')],
    ['report-csv/nothing.csv', Buffer.alloc(0)],
    ['noise.bin', noise],
  ]);
}

async function packed(name: string): Promise<{ path: string; files: Map<string, Buffer> }> {
  const files = contents();
  mkdirSync(join(scratch, name));
  const entries = [...files].map(([inside, content], index): ZipEntry => {
    const path = join(scratch, name, `${index}`);
    writeFileSync(path, content);
    return { name: inside, path };
  });
  const path = join(scratch, `${name}.zip`);
  await writeZip(path, entries);
  return { path, files };
}

test.skipIf(!has('unzip'))('unzip takes every file out as it was (needs unzip)', async () => {
  const { path, files } = await packed('unzip');
  execFileSync('unzip', ['-t', '-qq', path]);
  for (const [name, content] of files) {
    expect(execFileSync('unzip', ['-p', path, name], { maxBuffer: 2 ** 24 }).equals(content), name).toBe(true);
  }
  expect(readFileSync(path).length).toBeLessThan(320_000);
});

test.skipIf(!has('python3'))('so does the reader of Python, which checks the sums (needs python3)', async () => {
  const { path, files } = await packed('python');
  const sums = JSON.parse(execFileSync('python3', ['-c', CHECK, path], { encoding: 'utf8' })) as object;
  expect(Object.keys(sums)).toEqual([...files.keys()]);
  for (const [name, sum] of Object.entries(sums))
    expect(
      createHash('sha256')
        .update(files.get(name) ?? '')
        .digest('hex'),
      name,
    ).toBe(sum);
});

test('the same files make the same archive, whenever and wherever they were written', async () => {
  const [one, other] = [await packed('one'), await packed('other')];
  expect(readFileSync(one.path).equals(readFileSync(other.path))).toBe(true);
});

test('a file that is gone is an error, not an archive without it', async () => {
  const path = join(scratch, 'gone.zip');
  await expect(writeZip(path, [{ name: 'a', path: join(scratch, 'nowhere') }])).rejects.toMatchObject({
    code: 'ENOENT',
  });
});
