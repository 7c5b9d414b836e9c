import { describe, expect, it } from 'vitest';
import { href, parseRoute } from './route.ts';

describe('the address of a place', () => {
  it.each([
    ['', [], {}],
    ['#/', [], {}],
    ['#/runs', ['runs'], {}],
    ['#/runs/0f3a?tab=events', ['runs', '0f3a'], { tab: 'events' }],
    ['#/runs/a%2Fb', ['runs', 'a/b'], {}],
    ['#/runs/%E0%A4%A', ['runs', '%E0%A4%A'], {}],
  ])('%s is read into its parts', (hash, path, query) => {
    const route = parseRoute(hash);
    expect(route.path).toEqual(path);
    expect(Object.fromEntries(route.query)).toEqual(query);
  });

  it('is written so that it is read back the same, whatever the name holds', () => {
    for (const name of ['a/b', '?x=1', 'ü %25', '#', '<script>']) {
      const { path, query } = parseRoute(href('devices', name, { q: name }));
      expect(path).toEqual(['devices', name]);
      expect(query.get('q')).toBe(name);
    }
  });
});
