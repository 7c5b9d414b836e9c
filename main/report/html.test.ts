import { describe, expect, test } from 'vitest';
import { parseCluster } from '../core/cluster.ts';
import { FORMATS } from './formats.ts';
import { renderHtml } from './html.ts';
import type { RunStory } from './story.ts';
import { syntheticStory } from './synthetic-run.fixture.ts';

const context = { generatedAt: '2026-11-21T15:00:00.000Z', version: '0.1.0' };
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onload='alert(1)",
  '</style><svg onload=alert(1)>',
  '</title><script>alert(1)</script>',
  '&lt;script&gt;',
  'a\u202egnp.exe',
  '\u0000\u0007bell',
];

/** Words as they are seen, without the style sheet. */
function words(page: string): string {
  return page
    .replace(/<style>[^]*<\/style>/, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('\u00a0', ' ')
    .replaceAll(/\s+/g, ' ');
}

/** Rules that every page keeps, whatever is in it. */
function expectSoundPage(page: string): void {
  expect(page.startsWith('<!doctype html>')).toBe(true);
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:;`);
  for (const forbidden of [
    /<script/i,
    /<(iframe|object|embed|link|base|img|form|foreignObject|image)\b/i,
    /<[^>]+\son\w+=/i,
    /javascript:/i,
    /(href|src)="(?!#)/i,
    /@import|url\(/i,
    /https?:\/\//i,
  ]) {
    expect(page).not.toMatch(forbidden);
  }
  expect(page).not.toMatch(/NaN|undefined|\[object|Infinity/);
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(page.length).toBeLessThan(1_000_000);
  for (const tag of ['svg', 'figure', 'table', 'section', 'text', 'g', 'div', 'span', 'dl']) {
    const opened = page.match(new RegExp(`<${tag}\\b(?![^>]*/>)`, 'g'))?.length ?? 0;
    expect(page.match(new RegExp(`</${tag}>`, 'g'))?.length ?? 0, tag).toBe(opened);
  }
}

const CASES: readonly [string, RunStory[]][] = [
  ['a run that reached its target', [syntheticStory()]],
  ['one worker, no target', [syntheticStory({ policy: 'bsp', speeds: [400], seconds: 4, target: null })]],
  ['a lost worker', [syntheticStory({ lost: 'nuc' })]],
  ['no evaluations, no pushes, failed', [syntheticStory({ evaluations: false, pushes: false, status: 'failed' })]],
  [
    'nothing at all',
    [
      {
        ...syntheticStory({ status: 'interrupted' }),
        workers: [],
        iterations: [],
        pushes: [],
        allocations: [],
        evaluations: [],
        traffic: [],
        incidents: [],
      },
    ],
  ],
  [
    'fifty workers',
    [
      syntheticStory({
        policy: 'asp',
        speeds: Array.from({ length: 50 }, (_, index) => 1500 / (1 + index)),
        seconds: 240,
        lost: 'device-30',
      }),
    ],
  ],
  [
    'hostile names',
    [
      syntheticStory({
        names: HOSTILE,
        speeds: HOSTILE.map((_, index) => 1000 / (index + 1)),
        lost: HOSTILE[1] as string,
      }),
    ],
  ],
  ['a comparison', [syntheticStory(), syntheticStory({ policy: 'bsp' }), syntheticStory({ policy: 'asp' })]],
  [
    'a comparison with a run that has nothing',
    [syntheticStory(), syntheticStory({ policy: 'bsp', status: 'running', evaluations: false })],
  ],
  ['a long run', [syntheticStory({ policy: 'bsp', seconds: 3000 })]],
];

describe('every report is one sound, small page that asks for nothing', () => {
  test.each(CASES)('%s', (_name, stories) => {
    const page = renderHtml(stories, context);
    expectSoundPage(page);
    expect(renderHtml(stories, context)).toBe(page);
  });

  test('hostile texts everywhere stay text', () => {
    for (const text of HOSTILE) {
      const story = syntheticStory({ status: 'failed' });
      const page = renderHtml(
        [
          {
            ...story,
            run: {
              ...story.run,
              name: text,
              config: { ...story.run.config, policy: text, model: text, dataset: { name: text, dataDir: text } },
              options: { [text]: text },
              environment: { caduceus: text, node: text, system: text, cpus: 1, engine: text },
              error: { code: 'CAD-INTERNAL', message: text, remedy: text },
            },
            incidents: [{ type: 'incident', atMs: 1, level: 'error', what: 'lost', worker: 'nuc', text }],
            allocations: story.allocations.map((allocation) => ({ ...allocation, reason: text })),
          },
        ],
        context,
      );
      expectSoundPage(page);
    }
  });
});

describe('what a report says', () => {
  test('the headline in plain words: what ran, how long, how it came out, against what', () => {
    const text = words(renderHtml([syntheticStory({ lost: 'nuc' })], context));
    expect(text).toMatch(
      /Hermes trained mlp-109k on digits with 4 workers for 92\.0 s\. Validation accuracy reached the target of 95 % after [\d.]+ s; the final model is right on [\d.]+ % of the test split\./,
    );
    expect(text).toMatch(
      /BSP in float32, with one push and one pull in each of the \d+ local iterations, would have taken/,
    );
    expect(text).toContain('1 worker was lost on the way and did not come back: nuc.');
    expect(text).toMatch(/saved [\d.]+ % of [\d.]+ MB \(BSP, float32\)/);
  });

  test('of a run of timing only nowhere that a model was right', () => {
    const link = { upBitsPerSecond: 1e6, downBitsPerSecond: 1e6, latencyMs: 1 };
    const devices = [{ name: 'worker-1', samplesPerSecond: 100 }];
    const cluster = parseCluster({ name: 'one', source: 'by hand', reference: { batch: 16 }, link, devices });
    const timed = { ...syntheticStory({}), simulation: { cluster, timingOnly: true } };
    for (const text of [
      words(renderHtml([timed], context)),
      FORMATS.md.render([timed], 'r', context)[0]?.content as string,
    ]) {
      expect(text).not.toMatch(/the final model is right|Test accuracy|test accuracy/);
      expect(text).toMatch(/nothing was learnt.*accuracies are those of a small stand-in problem/s);
    }
    expect(words(renderHtml([timed, syntheticStory({})], context))).toContain('test or stand-in accuracy');
  });

  test('unknown figures are unknown, never 0', () => {
    const text = words(renderHtml([syntheticStory({ evaluations: false, status: 'failed' })], context));
    expect(text).toContain('Test accuracy unknown');
    expect(text).toContain('CAD-WORKERS-LOST no worker is left. Start workers again');
    expect(text).toContain('The model was not judged while it trained.');
  });

  test('records that were lost are confessed', () => {
    const story = syntheticStory();
    expect(words(renderHtml([{ ...story, run: { ...story.run, lostRecords: 1234 } }], context))).toContain(
      '1,234 records of this run could not be written',
    );
  });

  test('a comparison comes first and says in what else the runs differ', () => {
    const page = renderHtml([syntheticStory(), syntheticStory({ policy: 'bsp', seed: 2 })], context);
    expect(page.indexOf('id="compare"')).toBeLessThan(page.indexOf('id="run1"'));
    expect(words(page)).toContain('These runs differ in more than their policy: seed (1; 2).');
    expect(words(page)).toMatch(
      /Hermes was first at 95 % validation accuracy, after [\d.]+ s: more than [\d.]+× as fast as BSP, which had not got there when it ended\./,
    );
  });

  test('the settings to repeat a run are there, whole', () => {
    const story = syntheticStory();
    const page = renderHtml([story], context);
    const settings = /<pre>(\{[^]*?\})<\/pre>/.exec(page)?.[1]?.replaceAll('&quot;', '"') ?? '';
    expect(JSON.parse(settings)).toEqual(story.run.config);
    expect(page).toContain(`train --config ${story.run.run}.json`);
  });
});
