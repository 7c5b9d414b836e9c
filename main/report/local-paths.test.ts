import { describe, expect, test } from 'vitest';
import { parseCluster } from '../core/cluster.ts';
import { FORMATS } from './formats.ts';
import { HIDDEN_PATH, withoutPaths } from './local-paths.ts';
import { withoutHosts } from './privacy.ts';
import { repetitionOf } from './repeat.ts';
import type { RunStory } from './story.ts';
import { syntheticStory } from './synthetic-run.fixture.ts';

const context = { generatedAt: '2026-11-21T15:00:00.000Z', version: '0.1.0' };
const FORMAT_NAMES = Object.keys(FORMATS) as (keyof typeof FORMATS)[];

/** A run whose folder and whose troubles name the user. */
function story(dataDir = '/srv/ada lovelace/mnist'): RunStory {
  const told = syntheticStory();
  const incident = { type: 'incident', atMs: 1, level: 'warning', what: 'worker-failed', worker: 'pi' } as const;
  return {
    ...told,
    run: {
      ...told.run,
      config: { ...told.run.config, dataset: { name: 'mnist', dataDir } },
      error: { code: 'CAD-OUTPUT', message: `${dataDir}/labels cannot be read`, remedy: 'Look at /srv/ada/keys.' },
    },
    incidents: [...told.incidents, { ...incident, text: 'It ended: at file:///srv/ada/agent.cjs:12:3' }],
  };
}

/** The same in simulated time, on devices that are nobody's. */
function simulated(timingOnly: boolean): RunStory {
  const link = { upBitsPerSecond: 1e6, downBitsPerSecond: 1e6, latencyMs: 1 };
  const devices = [{ name: 'worker-1', samplesPerSecond: 100 }];
  const cluster = parseCluster({ name: 'one', source: 'described by hand', reference: { batch: 16 }, link, devices });
  return { ...story(), simulation: { cluster, timingOnly } };
}

function text(told: RunStory, format: keyof typeof FORMATS): string {
  return FORMATS[format]
    .render([told], 'r', context)
    .map(({ content }) => content)
    .join('\n');
}

describe('a report that is to travel', () => {
  test.each(FORMAT_NAMES)('has no path of the machine in %s, of a real run or a simulated one', (format) => {
    for (const told of [story(), simulated(false)]) {
      expect(text(withoutHosts(told), format)).not.toMatch(/ada/i);
    }
  });

  test('has the paths when hosts were asked for', () => {
    for (const format of ['html', 'json', 'md', 'tex'] as const) {
      expect(text(story(), format), format).toContain('/srv/ada lovelace/mnist');
    }
  });

  test('says how to repeat the run with the folder given on the command line', () => {
    const { command, files, notes } = repetitionOf(withoutHosts(story()));
    const { run } = story().run;
    expect(command).toBe(`caduceus train --config ${run}.json --data-dir DIR`);
    expect(files[0]?.content).toMatchObject({ dataset: { name: 'mnist' } });
    expect(JSON.stringify(files)).not.toContain(HIDDEN_PATH);
    expect(notes).toContain('DIR stands for the folder that holds the files of mnist.');
  });

  test('asks for the folder of a simulated run only where rows are read', () => {
    const learning = repetitionOf(withoutHosts(simulated(false)));
    expect(learning).toMatchObject({ exact: false, command: expect.stringContaining('--data-dir DIR') as string });
    const timed = repetitionOf(withoutHosts(simulated(true)));
    expect(timed.exact).toBe(true);
    expect(timed.command).not.toContain('--data-dir');
    expect(JSON.stringify(timed)).not.toContain(HIDDEN_PATH);
  });
});

describe('paths in free text', () => {
  const hidden = (words: string, dataDir?: string): string | undefined => {
    const told = story(dataDir);
    const incidents = told.incidents.slice(0, 1).map((incident) => ({ ...incident, text: words }));
    return withoutPaths({ ...told, incidents }).incidents[0]?.text;
  };

  test.each([
    ['no space for /var/lib/caduceus/runs/r-1. Make room.', 'no space for (path). Make room.'],
    ["ENOENT: no such file, open '/srv/a b'", "ENOENT: no such file, open '(path) b'"],
    ['at run (/srv/ada/agent.cjs:7:1)', 'at run ((path):7:1)'],
    [String.raw`EPERM: D:\people\Ada Lovelace\caduceus\agent.cjs`, 'EPERM: (path)'],
    [String.raw`read \\nas\ada\mnist failed`, 'read (path) failed'],
    ['the files in /srv/ada lovelace/mnist are short', 'the files in (path) are short'],
  ])('%s', (words, expected) => {
    expect(hidden(words)).toBe(expected);
  });

  test.each([
    '12.5 samples/s against 1/4 and/or 3 / 4',
    'See ~/.ssh/config',
    'npm install --prefix node_modules/node',
    'at node:internal/process/task_queues:103:5',
    'Look at https://example.org/a/b',
  ])('are not seen in: %s', (words) => {
    expect(hidden(words)).toBe(words);
  });

  test('a folder that is a word or a dot does not hide the word', () => {
    expect(hidden('No data came.', 'data')).toBe('No data came.');
    expect(hidden('No data came.', '.')).toBe('No data came.');
    expect(hidden('not in sets/mnist', 'sets/mnist')).toBe('not in (path)');
  });
});
