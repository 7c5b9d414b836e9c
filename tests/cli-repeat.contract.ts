/** Whoever has the report of a run and nothing else can make it again: every format, followed to the letter. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { RunResult } from '../main/core/metrics.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { answerHere, answerOf, SMALL, temporary } from './cli-program.ts';

/** A busy host takes its time. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

interface Told {
  command: string;
  files: Readonly<Record<string, string>>;
}

/** What a reader finds in each format. */
const READERS: Readonly<Record<string, (text: string) => Told>> = {
  json(text) {
    const { runs } = JSON.parse(text) as { runs: { repeat: { command: string; files: Record<string, object> } }[] };
    const { command = '', files = {} } = runs[0]?.repeat ?? {};
    const contents = Object.entries(files).map(([name, content]) => [name, JSON.stringify(content)]);
    return { command, files: Object.fromEntries(contents) as Told['files'] };
  },
  html(text) {
    const plain = (part: string): string =>
      part.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&amp;', '&');
    const files = [...text.matchAll(/with <b>([^<]+)<\/b>[^<]*<\/p><pre>([^<]*)<\/pre>/g)];
    return {
      command: plain(/<pre>(caduceus [^<]*)<\/pre>/.exec(text)?.[1] ?? ''),
      files: Object.fromEntries(files.map(([, name = '', content = '']) => [name, plain(content)])),
    };
  },
  md(text) {
    const files = [...text.matchAll(/^(\S+\.json), the \w+:\n\n```\n([\s\S]*?)\n```$/gm)];
    return {
      command: /^```\n(caduceus .*)\n```$/m.exec(text)?.[1] ?? '',
      files: Object.fromEntries(files.map(([, name = '', content = '']) => [name, content])),
    };
  },
  tex(text) {
    const files = [...text.matchAll(/^(\S+\.json), the \w+:\n\n\\begin\{verbatim\}\n([\s\S]*?)\n\\end\{verbatim\}$/gm)];
    return {
      command: /\\begin\{verbatim\}\n(caduceus .*)\n/.exec(text)?.[1] ?? '',
      files: Object.fromEntries(files.map(([, name = '', content = '']) => [name, content])),
    };
  },
};

/** Writes the files of a report beside each other. */
async function told(run: string, home: string, format: string): Promise<Told & { place: string }> {
  const args = ['report', run, '--format', format, '--out', temporary()];
  const { files } = await answerHere<{ files: string[] }>(args, { home });
  const found = READERS[format]?.(readFileSync(files[0] ?? '', 'utf8')) ?? { command: '', files: {} };
  const place = temporary();
  for (const [name, content] of Object.entries(found.files)) writeFileSync(join(place, name), content);
  expect(found.command).toMatch(/^caduceus /);
  return { ...found, place };
}

/** Its command, typed where the files lie, for a Caduceus that knows nothing of the run. */
function typed({ command, place }: Told & { place: string }): Promise<RunResult> {
  return answerOf<RunResult>(command.split(' ').slice(1), { home: temporary(), cwd: place });
}

/** The same in this process, which is elsewhere. */
function typedHere({ command, files, place }: Told & { place: string }): Promise<RunResult> {
  const args = command.split(' ').slice(1);
  const placed = args.map((arg) => (Object.hasOwn(files, arg) ? join(place, arg) : arg));
  return answerHere<RunResult>(placed, { home: temporary() });
}

/** All but what names the run. */
function figures(result: RunResult): object {
  return { ...result, run: '' };
}

/** Its JSON report always, and the other `formats` that are named. */
export function repeatsSimulations(formats: readonly string[] = []): void {
  describe('a simulated run', () => {
    const home = temporary();
    let learning: RunResult;
    let timed: RunResult;
    beforeAll(async () => {
      const rows = ['--train-rows', '800', '--test-rows', '200', '--validation-rows', '200'];
      const settings = ['--policy', 'asp', '--seed', '7', '--max-seconds', '4'];
      learning = await answerHere<RunResult>(['simulate', '--cluster', 'hermes-6', ...settings, ...rows], { home });
      if (formats.length === 0) return;
      const limits = ['--seed', '3', '--max-seconds', '40', '--timing-only'];
      timed = await answerHere<RunResult>(
        ['simulate', '--cluster', 'omnilearn-dynamic', '--policy', 'asp', ...limits],
        {
          home,
        },
      );
    });

    test('is repeated from its JSON report: the command, its files, the same figures to the last digit', async () => {
      const report = await told(learning.run, home, 'json');
      expect(Object.keys(report.files)).toHaveLength(2);
      expect(learning.pushes).toBeGreaterThan(0);
      expect(figures(await typed(report))).toEqual(figures(learning));
    });

    test.each(formats)('is repeated from its %s report, without learning as it was', async (format) => {
      const report = await told(timed.run, home, format);
      expect(report.command).toContain('--timing-only');
      expect(figures(await typedHere(report))).toEqual(figures(timed));
    });
  });
}

export function repeatsTraining(): void {
  describe('a run on workers', () => {
    test('is trained once more by the command of its report, with the same settings', async () => {
      await ensureAgent();
      const home = temporary();
      const settings = ['--policy', 'asp', '--seed', '5', '--max-iterations', '20'];
      const first = await answerOf<RunResult>(['train', ...SMALL, ...settings], { home });
      const report = await told(first.run, home, 'json');
      expect(report.command).toBe(`caduceus train --config ${first.run}.json`);
      const again = await typed(report);
      const asked = {
        policy: 'asp',
        seed: 5,
        model: first.model,
        dataset: first.dataset,
        endReason: 'iteration-limit',
      };
      expect(again).toMatchObject(asked);
      expect(again.workers.map(({ name }) => name)).toEqual(first.workers.map(({ name }) => name));
    });
  });
}
