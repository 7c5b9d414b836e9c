/** What two runs leave: weights that are as good as the result says, reports that say the same, a list. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { ReplayResult, RunSummary } from '../main/core/control-plane-api.ts';
import type { RunResult } from '../main/core/metrics.ts';
import { openDataset } from '../main/learn/datasets/registry.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import {
  answerHere,
  answerOf,
  caduceus,
  command,
  onlyDocument,
  onlyError,
  reported,
  ROOT,
  SMALL,
  temporary,
} from './cli-program.ts';
import { type IdxRows, writeMnist } from './idx-files.ts';
import {
  convolve,
  dense,
  judge,
  parseSafetensors,
  type Picture,
  poolByTwo,
  relu,
  type Tensor,
} from './plain-forward.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 });

const HOSTILE = `</title><script>alert(1)</script>"'><img src=x onerror=alert(1)>`;
const FORMULA = '=1+1';
const TEST_ROWS = 120;

const home = temporary();
let mlp: RunResult;
let cnn: RunResult;
/** Test rows of both: generated for the one, from the test's own IDX files for the other. */
let testRows: IdxRows;

beforeAll(async () => {
  await ensureAgent();
  const { train, test } = await openDataset('digits', { seed: 3, trainRows: 2000, testRows: TEST_ROWS });
  testRows = test;
  const directory = temporary();
  writeMnist(directory, train, test);
  const shared = ['train', ...SMALL, '--test-rows', String(TEST_ROWS), '--seed', '3', '--learning-rate', '0.05'];
  [mlp, cnn] = await Promise.all([
    answerOf<RunResult>([...shared, '--policy', 'bsp', '--max-iterations', '80', '--name', HOSTILE], { home }),
    answerOf<RunResult>(
      [
        ...[...shared, '--policy', 'asp', '--max-iterations', '60', '--name', FORMULA],
        ...['--model', 'cnn-109k', '--dataset', 'mnist', '--data-dir', directory],
      ],
      { home },
    ),
  ]);
});

interface Exported {
  of(name: string): Tensor;
  metadata: Record<string, string>;
}

async function exported({ run }: RunResult): Promise<Exported> {
  const file = join(temporary(), 'model.safetensors');
  expect(await answerHere(['export-model', run, '--out', file], { home })).toEqual({ run, file });
  const { tensors, metadata } = parseSafetensors(readFileSync(file));
  const of = (name: string): Tensor => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`no ${name} among ${[...tensors.keys()].join(', ')}`);
    return tensor;
  };
  return { of, metadata };
}

/** The program computes in single precision, this test in double: same answers, losses to five digits. */
function expectAgreement(result: RunResult, { accuracy, loss }: { accuracy: number; loss: number }): void {
  expect(Math.abs(result.accuracy - accuracy)).toBeLessThanOrEqual(1e-6);
  expect(Math.abs(result.loss - loss) / loss).toBeLessThan(1e-5);
  // Neither a coin nor a perfect model: a judge of those would prove little.
  expect(accuracy).toBeGreaterThan(0.2);
  expect(accuracy).toBeLessThan(1);
}

describe('the accuracy of a run', () => {
  it('is what plain loops make of the exported weights of mlp-109k on the generated test rows', async () => {
    const { of } = await exported(mlp);
    const layer = (x: Float64Array | number[], name: string): number[] =>
      dense(x, of(`${name}.dense.kernel`), of(`${name}.dense.bias`));
    expectAgreement(
      mlp,
      judge(testRows, (pixels) => layer(relu(layer(relu(layer(pixels, '1')), '2')), '3')),
    );
  });

  it('is what plain loops make of the exported weights of cnn-109k on the test rows of IDX files', async () => {
    const { of } = await exported(cnn);
    const layer = (x: Float64Array | number[], name: string): number[] =>
      dense(x, of(`${name}.dense.kernel`), of(`${name}.dense.bias`));
    const features = (picture: Picture, name: string): Picture => {
      const convolved = convolve(picture, of(`${name}.conv2d.kernel`), of(`${name}.conv2d.bias`));
      return poolByTwo({ ...convolved, values: relu(convolved.values) });
    };
    expectAgreement(
      cnn,
      judge(testRows, (pixels) => {
        const first = features({ height: 28, width: 28, channels: 1, values: pixels }, '0');
        return layer(relu(layer(features(first, '2').values, '5')), '6');
      }),
    );
  });

  it('goes with the exported model, whose file says where it comes from', async () => {
    const { metadata } = await exported(mlp);
    const { run, policy, model, dataset, seed, accuracy } = mlp;
    expect(metadata).toEqual({
      ...{ run, policy, model, dataset },
      ...{ seed: String(seed), testAccuracy: String(accuracy) },
    });
  });
});

describe('export-model', () => {
  it('that cannot write says so, and leaves nothing', async () => {
    const directory = temporary();
    mkdirSync(join(directory, 'taken'));
    for (const out of [join(directory, 'nowhere', 'model'), join(directory, 'taken')]) {
      const ended = await command(['export-model', mlp.run, '--out', out, '--json'], { home });
      expect(ended.code).toBe(1);
      expect(onlyError(ended)).toMatchObject({ code: 'CAD-OUTPUT', message: expect.stringContaining(out) as string });
    }
    expect(readdirSync(directory, { recursive: true })).toEqual(['taken']);
  });
});

describe('report', () => {
  let directory: string;
  let files: string[];

  beforeAll(async () => {
    directory = temporary();
    const args = ['report', mlp.run, '--format', 'html, json,csv', '--out', directory];
    ({ files } = await answerHere<{ files: string[] }>(args, { home }));
  });

  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');

  it('writes a page, a document and a folder of tables, and names them all', () => {
    const name = `report-${mlp.run}`;
    expect(readdirSync(directory).sort()).toEqual([`${name}-csv`, `${name}.html`, `${name}.json`]);
    const there = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect([...files].sort()).toEqual(there.sort());
    expect(files.length).toBeGreaterThan(8);
  });

  it('is one self-contained page: nothing is loaded, nothing is run', () => {
    const html = read(`report-${mlp.run}.html`);
    expect(html.slice(0, 15)).toBe('<!doctype html>');
    const tags = html.match(/<[^>]+>/g) ?? [];
    expect(tags.filter((tag) => tag.startsWith('<svg')).length).toBeGreaterThan(5);
    expect(tags.filter((tag) => /^<(script|link|iframe|object|embed|img|base|form)\b/i.test(tag))).toEqual([]);
    expect(tags.filter((tag) => /\s(src|srcset|data|action|poster|background)\s*=/i.test(tag))).toEqual([]);
    expect(tags.filter((tag) => /\s(xlink:)?href\s*=\s*["']?[^"'#]/i.test(tag))).toEqual([]);
    expect(tags.filter((tag) => /\son\w+\s*=/i.test(tag))).toEqual([]);
    expect(html.match(/@import|url\(\s*["']?[^#"')]/gi)).toBeNull();
  });

  it('shows the name of a run, whatever it is made of, as text', () => {
    const html = read(`report-${mlp.run}.html`);
    expect(html.includes('&lt;script&gt;alert(1)&lt;/script&gt;')).toBe(true);
    expect(html.includes('<script')).toBe(false);
    expect((JSON.parse(read(`report-${mlp.run}.json`)) as { runs: [{ name: string }] }).runs[0].name).toBe(HOSTILE);
  });

  it('has in its document the result that train gave, to the byte', () => {
    const { schema, runs } = JSON.parse(read(`report-${mlp.run}.json`)) as {
      schema: string;
      runs: { result: RunResult }[];
    };
    expect(schema).toMatch(/^caduceus\.report\/\d+$/);
    expect(runs).toHaveLength(1);
    expect(runs[0]?.result).toEqual(mlp);
  });

  it('has in its records what the result adds up', async () => {
    const { records } = await reported(mlp.run, home);
    expect(records.iterations.filter(({ iteration }) => iteration.steps > 0)).toHaveLength(mlp.iterations);
    expect(records.iterations.filter(({ pushed }) => pushed)).toHaveLength(mlp.pushes);
    expect(records.iterations.reduce((sum, { iteration }) => sum + iteration.samples, 0)).toBe(mlp.samples);
    const { update, model, data, control } = records.traffic.at(-1)?.traffic ?? {};
    expect({ up: update, down: model, data, control }).toEqual({
      ...{ up: mlp.bytes.up, down: mlp.bytes.down },
      ...{ data: mlp.bytes.data, control: mlp.bytes.control },
    });
  });

  it('has a row of its table for every iteration, and the figures of the result in the table of runs', () => {
    const [head = [], ...rows] = table(read(`report-${mlp.run}-csv/iterations.csv`));
    const steps = head.indexOf('steps');
    expect(rows.filter((row) => Number(row[steps]) > 0)).toHaveLength(mlp.iterations);
    expect(new Set(rows.map((row) => row[0]))).toEqual(new Set([mlp.run]));
    const [columns = [], values = []] = table(read(`report-${mlp.run}-csv/runs.csv`));
    const figures = Object.fromEntries(columns.map((column, index) => [column, values[index]]));
    expect(figures).toMatchObject({
      name: HOSTILE,
      pushes: String(mlp.pushes),
      iterations: String(mlp.iterations),
      bytes_up: String(mlp.bytes.up),
      bytes_down: String(mlp.bytes.down),
      test_accuracy: String(mlp.accuracy),
    });
  });

  it('puts several runs side by side, and no name becomes a formula of a spreadsheet', async () => {
    const both = temporary();
    const args = ['report', mlp.run, cnn.run, '--format', 'html,csv', '--out', both];
    await answerHere(args, { home });
    const html = readFileSync(join(both, `comparison-${mlp.run}.html`), 'utf8');
    expect([mlp.run, cnn.run, '<script'].map((text) => html.includes(text))).toEqual([true, true, false]);
    const runs = table(readFileSync(join(both, `comparison-${mlp.run}-csv`, 'runs.csv'), 'utf8'));
    expect(runs.slice(1).map(([run, name]) => [run, name])).toEqual([
      [mlp.run, HOSTILE],
      [cnn.run, `'${FORMULA}`],
    ]);
  });

  it('that cannot write says so, and leaves nothing', async () => {
    const place = temporary();
    writeFileSync(join(place, 'file'), '');
    const taken = join(place, `report-${mlp.run}.html`);
    mkdirSync(taken);
    for (const out of [join(place, 'file'), place]) {
      const ended = await command(['report', mlp.run, '--out', out, '--json'], { home });
      expect(ended.code).toBe(1);
      expect(onlyError(ended)).toMatchObject({ code: 'CAD-OUTPUT' });
    }
    expect(readdirSync(place).sort()).toEqual(['file', `report-${mlp.run}.html`]);
    expect(readdirSync(taken)).toEqual([]);
  });
});

/** RFC 4180. */
function table(text: string): string[][] {
  return text
    .split('\r\n')
    .slice(0, -1)
    .map((line) =>
      Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g), ([, quoted, plain]) =>
        quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
      ),
    );
}

describe('runs', () => {
  it('lists every run, newest first, with the result that train gave', async () => {
    const { runs } = await answerHere<{ runs: RunSummary[] }>(['runs'], { home });
    expect(runs.map(({ run }) => run).sort()).toEqual([mlp.run, cnn.run].sort());
    expect((runs[0]?.createdAt ?? '') >= (runs[1]?.createdAt ?? '')).toBe(true);
    for (const result of [mlp, cnn]) {
      expect(runs.find(({ run }) => run === result.run)).toMatchObject({ status: 'completed', result, error: null });
    }
  });

  it('lists as many as asked for, and finds one by the beginning of its name', async () => {
    const { runs } = await answerHere<{ runs: RunSummary[] }>(['runs', '--limit', '1'], { home });
    expect(runs).toHaveLength(1);
    const { run } = await answerHere<ReplayResult>(['replay', cnn.run.slice(0, -1)], { home });
    expect(run).toBe(cnn.run);
  });

  it('of a version that knew more policies are listed by their names', async () => {
    const copy = temporary();
    cpSync(home, copy, { recursive: true });
    const database = new DatabaseSync(join(copy, 'caduceus.sqlite'));
    database.exec(`UPDATE runs SET config = replace(config, '"bsp"', '"zeus"')`);
    database.close();
    const ended = await caduceus(['runs'], { home: copy });
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toMatch(/completed +zeus/);
  });
});

describe('replay', () => {
  it('tells where a decision came out otherwise', async () => {
    const copy = temporary();
    cpSync(home, copy, { recursive: true });
    const database = new DatabaseSync(join(copy, 'caduceus.sqlite'));
    const { number } = database.prepare('SELECT number FROM runs WHERE id = ?').get(cnn.run) as { number: number };
    const log = database.prepare(`SELECT seq, commands FROM decisions WHERE run = ? ORDER BY seq`).all(number);
    const [changed] = log.filter(({ commands }) => commands !== '[]').slice(3);
    database
      .prepare(`UPDATE decisions SET commands = '[]' WHERE run = ? AND seq = ?`)
      .run(number, changed?.['seq'] as number);
    database.close();
    expect(await answerHere<ReplayResult>(['replay', cnn.run], { home: copy })).toEqual({
      ...{ run: cnn.run, decisions: log.length, matched: log.length - 1 },
      firstDifference: log.indexOf(changed as (typeof log)[number]),
    });
  });
});

describe('npm run -s caduceus', () => {
  it('is the same program: one document on standard output', async () => {
    const child = spawn('npm', ['run', '-s', 'caduceus', '--', 'runs', '--json'], {
      cwd: ROOT,
      env: { ...process.env, CADUCEUS_HOME: home },
      stdio: ['ignore', 'pipe', 'ignore'],
      shell: process.platform === 'win32',
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(0);
    expect((onlyDocument(stdout) as { runs: RunSummary[] }).runs).toHaveLength(2);
  });
});
