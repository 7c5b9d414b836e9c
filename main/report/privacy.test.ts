import { describe, expect, test } from 'vitest';
import { FORMATS } from './formats.ts';
import { withoutHosts } from './privacy.ts';
import { syntheticStory } from './synthetic-run.fixture.ts';

const context = { generatedAt: '2026-11-21T15:00:00.000Z', version: '0.1.0' };
const NAMES = ['secret-jetson', 'secret', 'vm.example.org', 'local-1'];

function story() {
  const told = syntheticStory({ names: NAMES, lost: 'secret' });
  const texts = [
    'secret left for secret-jetson at 100.64.0.12:41231',
    'wss://box.lan:7077/ refused [fd7a:115c:a1e0::1]:22',
  ];
  const incidents = texts.map((text) => ({
    ...({ type: 'incident', atMs: 1, level: 'warning', what: 'rejected', worker: 'secret' } as const),
    text,
  }));
  return { ...told, incidents: [...told.incidents, ...incidents] };
}

describe('a report that is to travel', () => {
  test('no format holds a name or an address of a machine', () => {
    for (const [name, format] of Object.entries(FORMATS)) {
      const text = format
        .render([withoutHosts(story())], 'r', context)
        .map(({ content }) => content)
        .join('\n');
      expect(text, name).not.toMatch(/secret|example\.org|100\.64|fd7a|box\.lan/);
      expect(text, name).toContain('device-1');
      expect(text, name).toContain('local-1');
    }
  });

  test('a device has one number everywhere, and figures are untouched', () => {
    const [open, hidden] = [story(), withoutHosts(story())];
    expect(hidden.iterations.map(({ worker }) => worker)).toEqual(
      open.iterations.map(
        ({ worker }) =>
          ({ 'secret-jetson': 'device-1', secret: 'device-2', 'vm.example.org': 'device-3' })[worker] ?? worker,
      ),
    );
    expect(hidden.iterations.map(({ iteration }) => iteration)).toEqual(
      open.iterations.map(({ iteration }) => iteration),
    );
    expect(hidden.run.createdAt).toBe(open.run.createdAt);
    expect(hidden.incidents.at(-2)?.text).toBe('device-2 left for device-1 at (address)');
  });

  test('simulated devices are nobody’s and keep their names', () => {
    const told = story();
    const virtual = { ...told, run: { ...told.run, result: told.run.result && { ...told.run.result, virtual: true } } };
    expect(withoutHosts(virtual)).toEqual(virtual);
  });
});
