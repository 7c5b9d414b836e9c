/** Reports for papers and for paper: Markdown and LaTeX say the same, and a browser prints the page. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunResult } from '../main/core/metrics.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { answerHere, answerOf, command, onlyError, SMALL, temporary } from './cli-program.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

const HAS_CHROMIUM = spawnSync('chromium', ['--version']).status === 0;

const home = temporary();
let run: RunResult;

beforeAll(async () => {
  await ensureAgent();
  run = await answerOf<RunResult>(['train', ...SMALL, '--policy', 'asp', '--max-iterations', '20'], { home });
});

async function report(formats: string): Promise<{ files: string[]; place: string }> {
  const place = temporary();
  const args = ['report', run.run, '--format', formats, '--out', place];
  return { ...(await answerHere<{ files: string[] }>(args, { home })), place };
}

describe('a report', () => {
  it('comes as Markdown and as LaTeX, with the figures of the result', async () => {
    const { files } = await report('md,tex');
    expect(files.map((file) => basename(file))).toEqual([`report-${run.run}.md`, `report-${run.run}.tex`]);
    const accuracy = (100 * run.accuracy).toFixed(2);
    for (const file of files) expect(readFileSync(file, 'utf8')).toContain(accuracy);
  });

  it.skipIf(!HAS_CHROMIUM)('is printed to PDF by a browser of this machine (needs chromium)', async () => {
    const { files, place } = await report('pdf');
    expect(readdirSync(place)).toEqual([`report-${run.run}.pdf`]);
    const pdf = readFileSync(files[0] as string, 'latin1');
    expect(pdf.slice(0, 5)).toBe('%PDF-');
    expect(pdf.trimEnd().slice(-5)).toBe('%%EOF');
    expect(pdf.match(/\/Type ?\/Page\b/g)?.length ?? 0).toBeGreaterThan(0);
  });

  it('that cannot be printed says what to install, and leaves nothing', async () => {
    const place = temporary();
    const ended = await command(['report', run.run, '--format', 'pdf', '--out', place, '--json'], {
      home,
      env: { CHROMIUM: join(place, 'nothing') },
    });
    expect(ended.code).toBe(1);
    expect(onlyError(ended)).toMatchObject({
      code: 'CAD-OUTPUT',
      remedy: expect.stringContaining('CHROMIUM') as string,
    });
    expect(readdirSync(place)).toEqual([]);
  });

  it('in an unknown format is refused with the list, before anything is written', async () => {
    const place = temporary();
    for (const format of ['docx', 'html,constructor', '']) {
      const ended = await command(['report', run.run, '--format', format, '--out', place, '--json'], { home });
      expect(onlyError(ended)).toMatchObject({
        code: 'CAD-USAGE',
        remedy: 'Use one or more of: html, json, md, tex, csv, pdf.',
      });
    }
    expect(readdirSync(place)).toEqual([]);
  });
});
