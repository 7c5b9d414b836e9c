/** What cannot be done is said once, clearly, with a stable code and a remedy, and leaves nothing behind. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import type { ErrorCode, ErrorReport } from '../main/core/errors.ts';
import { caduceus, command, type Ended, onlyError, SMALL, temporary } from './cli-program.ts';
import { labelsFile, stripes, writeMnist } from './idx-files.ts';

vi.setConfig({ testTimeout: 60_000 });

const ON_WINDOWS = process.platform === 'win32';
const IS_ROOT = process.getuid?.() === 0;
const NOBODY = 65_534;

/** The one error of a command; afterwards there is no run, nor any file of one. */
async function refusal(args: readonly string[], home: string = temporary()): Promise<ErrorReport> {
  return refusedBy(await command([...args, '--json'], { home }), home);
}

/** The same of the program; and nothing is left in its working directory. */
async function refusalOfProgram(
  args: readonly string[],
  home: string = temporary(),
  powerless = false,
): Promise<ErrorReport> {
  const cwd = temporary();
  const ended = await caduceus([...args, '--json'], { home, cwd, powerless });
  expect(readdirSync(cwd)).toEqual([]);
  return refusedBy(ended, home);
}

function refusedBy(ended: Ended, home: string): ErrorReport {
  const error = onlyError(ended);
  expect(ended.code).toBe(error.code === 'CAD-USAGE' ? 2 : 1);
  expect(ended.stderr).toContain(`${error.code}: `);
  if (!existsSync(home)) return error;
  for (const folder of ['runs', 'owners']) {
    if (existsSync(join(home, folder))) expect(readdirSync(join(home, folder))).toEqual([]);
  }
  return error;
}

function runsIn(home: string): number {
  const file = join(home, 'caduceus.sqlite');
  if (!existsSync(file)) return 0;
  const database = new DatabaseSync(file);
  try {
    return Number(database.prepare('SELECT count(*) AS runs FROM runs').get()?.['runs']);
  } finally {
    database.close();
  }
}

/** `told` is found in the message or the remedy. */
type Case = [what: string, args: string[], code: ErrorCode, ...told: string[]];

async function refused([_what, args, code, ...told]: Case): Promise<void> {
  const home = temporary();
  const error = await refusal(args, home);
  expect(error.code).toBe(code);
  for (const text of told) expect(`${error.message}; ${error.remedy}`).toContain(text);
  expect(runsIn(home)).toBe(0);
}

function file(content: string): string {
  const path = join(temporary(), 'settings.json');
  writeFileSync(path, content);
  return path;
}

const BSP = ['train', '--policy', 'bsp'];

describe.concurrent('the program refuses', () => {
  it.each<Case>([
    ['an unknown flag', [...BSP, '--wokers', 'local:2'], 'CAD-USAGE', '--wokers'],
    ['an unknown policy', ['train', '--policy', 'bps'], 'CAD-POLICY-UNKNOWN', '"bps"', 'bsp, asp'],
    ['a run that is not there', ['replay', 'r-1'], 'CAD-RUN-UNKNOWN'],
  ])('%s as its command does, with an exit code and nothing left behind', async (_what, args, code, ...told) => {
    const home = temporary();
    const error = await refusalOfProgram(args, home);
    expect(error.code).toBe(code);
    for (const text of told) expect(`${error.message}; ${error.remedy}`).toContain(text);
    expect(runsIn(home)).toBe(0);
  });
});

describe('the command line refuses', () => {
  it.each<Case>([
    ['no verb', [], 'CAD-USAGE', 'no verb'],
    ['an unknown verb', ['trian'], 'CAD-USAGE', '"trian"'],
    ['an unknown flag', [...BSP, '--wokers', 'local:2'], 'CAD-USAGE', '--wokers'],
    ['a flag of another verb', ['runs', '--policy', 'bsp'], 'CAD-USAGE', '--policy'],
    ['a flag without its value', ['train', '--policy'], 'CAD-USAGE', '--policy'],
    ['an operand too many', ['replay', 'one', 'two'], 'CAD-USAGE', 'two'],
    ['an operand where none belongs', [...BSP, 'two'], 'CAD-USAGE', 'two'],
    ['a word where a number belongs', [...BSP, '--batch', 'many'], 'CAD-USAGE', '"many"'],
    ['a run without a policy', ['train'], 'CAD-USAGE', 'policy'],
    ['workers elsewhere', [...BSP, '--workers', 'ssh:4'], 'CAD-USAGE', 'local:N'],
    ['an unknown report format', ['report', '--format', 'html,exe'], 'CAD-USAGE', '"exe"'],
    ['a list of less than one run', ['runs', '--limit', '0'], 'CAD-USAGE', '--limit'],
    ['what its authors never released', [...BSP, '--faithful'], 'CAD-USAGE', 'bsp'],
  ])('%s', (...line) => refused(line));
});

describe('the settings of a run refuse', () => {
  it.each<Case>([
    ['an unknown policy', ['train', '--policy', 'bps'], 'CAD-POLICY-UNKNOWN', '"bps"', 'bsp, asp'],
    ['a name that every object has', ['train', '--policy', 'constructor'], 'CAD-POLICY-UNKNOWN', '"constructor"'],
    ['an option of another policy', [...BSP, '--alpha', '1'], 'CAD-POLICY-OPTION', '"alpha"'],
    [
      'an option out of range',
      ['train', '--policy', 'hermes', '--alpha', '99'],
      'CAD-POLICY-OPTION',
      '99',
      'from -10 to 10',
    ],
    ['an option that is no number', ['train', '--policy', 'hermes', '--alpha', 'x'], 'CAD-POLICY-OPTION', '"x"'],
    ['an unknown model', [...BSP, '--model', 'gpt'], 'CAD-MODEL-UNKNOWN', '"gpt"', 'mlp-109k, cnn-109k'],
    ['an unknown data set', [...BSP, '--dataset', 'minst'], 'CAD-DATASET-UNKNOWN', '"minst"', 'digits, mnist'],
    ['an unknown engine', [...BSP, '--engine', 'cuda'], 'CAD-CONFIG', 'workers.engine'],
    ['an unknown encoding', [...BSP, '--encoding', 'f64'], 'CAD-CONFIG', 'encoding'],
    ['a negative batch', [...BSP, '--batch', '-4'], 'CAD-CONFIG', 'batch'],
    ['half a row', [...BSP, '--batch', '1.5'], 'CAD-CONFIG', 'batch'],
    ['no workers', [...BSP, '--workers', 'local:0'], 'CAD-CONFIG', 'workers.local'],
    ['fewer than no workers', [...BSP, '--workers', 'local:-2'], 'CAD-CONFIG', 'workers.local'],
    ['too many workers', [...BSP, '--workers', 'local:1000'], 'CAD-CONFIG', 'workers.local'],
    ['speeds that are no numbers', [...BSP, '--speeds', '1,x'], 'CAD-CONFIG', 'workers.speeds'],
    ['a negative learning rate', [...BSP, '--learning-rate', '-1'], 'CAD-CONFIG', 'learningRate'],
    ['a negative seed', [...BSP, '--seed', '-1'], 'CAD-CONFIG', 'seed'],
    ['percent instead of a share', [...BSP, '--target-accuracy', '95'], 'CAD-CONFIG', 'stop.targetAccuracy'],
    ['no time at all', [...BSP, '--max-seconds', '0'], 'CAD-CONFIG', 'stop.maxSeconds'],
    ['a port that cannot be', [...BSP, '--port', '70000'], 'CAD-CONFIG', 'server.port'],
    ['fewer than no rows', [...BSP, '--train-rows', '-5'], 'CAD-CONFIG', 'dataset.trainRows'],
    ['nothing to train on', [...BSP, '--train-rows', '9', '--validation-rows', '9'], 'CAD-CONFIG', '9'],
    ['a settings file that is missing', ['train', '--config', '/nowhere/f.json'], 'CAD-CONFIG', '/nowhere/f.json'],
    ['a settings file that is not JSON', ['train', '--config', file('{"policy": ')], 'CAD-CONFIG', 'settings.json'],
    ['a settings file that is a list', ['train', '--config', file('["bsp"]')], 'CAD-CONFIG', 'not a JSON object'],
    ['a setting that there is not', ['train', '--config', file('{"policy":"bsp","bach":8}')], 'CAD-CONFIG', 'bach'],
  ])('%s', (...line) => refused(line));
});

describe('a run that is not there', () => {
  it.each([
    ['replay', ['replay', 'r-1']],
    ['report', ['report', 'r-1']],
    ['export-model', ['export-model', 'r-1']],
    ['train --resume', ['train', '--resume', 'r-1']],
    ['report of the latest', ['report']],
  ])('is unknown to %s', async (_name, args) => {
    expect(await refusal(args)).toMatchObject({
      code: 'CAD-RUN-UNKNOWN',
      remedy: expect.stringMatching(/[Tt]rain/) as string,
    });
  });
});

/** A directory of MNIST files with one thing wrong. */
function brokenMnist(breakIt: (path: (name: string) => string) => void): string[] {
  const directory = temporary();
  writeMnist(directory, stripes(60), stripes(20));
  breakIt((name) => join(directory, name));
  return [...BSP, '--dataset', 'mnist', '--data-dir', directory, '--validation-rows', '10'];
}

/** Writes a big-endian word over the header of a file. */
function patch(path: string, offset: number, value: number): void {
  const bytes = readFileSync(path);
  bytes.writeUInt32BE(value, offset);
  writeFileSync(path, bytes);
}

const TRAIN_IMAGES = 'train-images-idx3-ubyte';
const TRAIN_LABELS = 'train-labels-idx1-ubyte';
const TEST_LABELS = 't10k-labels-idx1-ubyte';

describe('an IDX data set', () => {
  it.each<[what: string, breakIt: (path: (name: string) => string) => void, told: RegExp]>([
    ['truncated', (path) => truncateSync(path(TRAIN_IMAGES), 20_000), /train-images.*20000 bytes/],
    ['without its whole header', (path) => truncateSync(path(TRAIN_IMAGES), 10), /train-images.*header/],
    ['empty', (path) => truncateSync(path(TEST_LABELS), 0), /t10k-labels/],
    ['whose header promises more rows', (path) => patch(path(TRAIN_IMAGES), 4, 61), /train-images.*as its header says/],
    [
      'whose header promises fewer rows',
      (path) => patch(path(TRAIN_LABELS), 4, 59),
      /train-labels.*as its header says/,
    ],
    ['whose header promises four billion rows', (path) => patch(path(TRAIN_IMAGES), 4, 0xffffffff), /train-images/],
    ['whose header promises no rows', (path) => patch(path(TRAIN_IMAGES), 4, 0), /at least one image/],
    ['with images of another size', (path) => patch(path(TRAIN_IMAGES), 8, 14), /train-images/],
    ['that is something else', (path) => patch(path(TRAIN_IMAGES), 0, 0x504b0304), /magic number/],
    ['with a label out of range', (path) => writeFileSync(path(TRAIN_LABELS), labelled(10)), /label 10 in row 59/],
    ['with more labels than images', (path) => writeFileSync(path(TRAIN_LABELS), labelsFile(stripes(70))), /60 labels/],
    ['with a torn archive', (path) => tear(path(TRAIN_IMAGES)), /gzip|bytes/],
  ])('%s is refused', async (_what, breakIt, told) => {
    const home = temporary();
    const error = await refusal(brokenMnist(breakIt), home);
    expect(error).toMatchObject({ code: 'CAD-DATASET-CORRUPT', message: expect.stringMatching(told) as string });
    expect(runsIn(home)).toBe(0);
  });

  it('is missed by the name of the file', async () => {
    const error = await refusal(brokenMnist((path) => rmSync(path(TEST_LABELS))));
    expect(error).toMatchObject({
      code: 'CAD-DATASET-MISSING',
      message: expect.stringContaining(TEST_LABELS) as string,
    });
  });

  it('needs a directory, and one that is there', async () => {
    const mnist = [...BSP, '--dataset', 'mnist'];
    for (const args of [mnist, [...mnist, '--data-dir', '/nowhere']]) {
      expect(await refusal(args)).toMatchObject({
        code: 'CAD-DATASET-MISSING',
        remedy: expect.stringContaining('--data-dir') as string,
      });
    }
  });
});

/** 60 labels, the last of which is `last`. */
function labelled(last: number): Buffer {
  const bytes = labelsFile(stripes(60));
  bytes[bytes.length - 1] = last;
  return bytes;
}

function tear(path: string): void {
  const packed = gzipSync(readFileSync(path));
  writeFileSync(`${path}.gz`, packed.subarray(0, packed.length >> 1));
  rmSync(path);
}

describe('an address to listen on', () => {
  it('that belongs to another program is refused, and the run is not kept', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const home = temporary();
    const error = await refusalOfProgram([...BSP, ...SMALL, '--port', String(port)], home);
    expect(error).toMatchObject({ code: 'CAD-PORT-IN-USE', message: expect.stringContaining(String(port)) as string });
    expect(runsIn(home)).toBe(0);
    other.close();
  });

  it('that is not of this machine is refused, and the run is not kept', async () => {
    const home = temporary();
    const error = await refusal([...BSP, ...SMALL, '--host', '203.0.113.7'], home); // TEST-NET-3, RFC 5737
    expect(error).toMatchObject({ code: 'CAD-LISTEN', message: expect.stringContaining('203.0.113.7') as string });
    expect(runsIn(home)).toBe(0);
  });
});

describe.skipIf(ON_WINDOWS)('a data directory', () => {
  function closed(mode: number): string {
    const directory = temporary();
    chmodSync(directory, mode);
    return directory;
  }

  it.each([
    ['that is read-only', [...BSP, ...SMALL], (): string => closed(0o555)],
    ['to be made in one that is read-only', ['runs'], (): string => join(closed(0o555), 'home')],
  ])('%s is refused', async (_what, args, make) => {
    const home = make();
    const error = await refusalOfProgram(args, home, IS_ROOT);
    expect(error).toMatchObject({ code: 'CAD-HOME-READONLY', message: expect.stringContaining(home) as string });
    expect(error.remedy).toContain('CADUCEUS_HOME');
    expect(existsSync(home) ? readdirSync(home) : []).toEqual([]);
  });

  it.runIf(IS_ROOT)('of another user is refused', async () => {
    const home = closed(0o755);
    chownSync(home, NOBODY, NOBODY);
    expect(await refusalOfProgram(['runs'], home, true)).toMatchObject({ code: 'CAD-HOME-READONLY' });
    expect(readdirSync(home)).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('where nothing can be made is refused at once', async () => {
    for (const home of ['/proc/caduceus', '/dev/null/home']) {
      const ended = await command(['runs', '--json'], { home });
      expect(onlyError(ended)).toMatchObject({ code: 'CAD-HOME-READONLY' });
    }
  });

  it('with a damaged database is refused, and the file is left as it is', async () => {
    const home = temporary();
    const damaged = 'this was a database once, and is one no more: ten bytes too many.';
    writeFileSync(join(home, 'caduceus.sqlite'), damaged);
    mkdirSync(join(home, 'runs'));
    expect(await refusal(['runs'], home)).toMatchObject({ code: 'CAD-STORE-CORRUPT' });
    expect(readFileSync(join(home, 'caduceus.sqlite'), 'utf8')).toBe(damaged);
  });
});
