/** `bench/window.ts` at the size of a smoke test: it measures what it says, on the production bundle. */
import { describe, expect, test } from 'vitest';
import { measureWindow } from '../bench/window.ts';
import { INITIAL_SCRIPT_LIMIT_BYTES } from '../scripts/build-window.ts';
import { HAS_CHROMIUM } from './window-session.ts';

describe.skipIf(!HAS_CHROMIUM)('the measurement of the window (needs Chromium)', () => {
  test('follows a run of a few workers, without an error of the page', async () => {
    const result = await measureWindow({ workers: 8, hz: 10, seconds: 4, startUpMs: 1000 });
    expect(result.errors).toEqual([]);
    expect(result.frames).toBeGreaterThan(5);
    // Joins, pushes and iterations: more than one a second of each worker even on a busy host.
    expect(result.recordsPerSecond).toBeGreaterThan(8);
    expect(result.heapMegabytes.last).toBeGreaterThan(1);
    expect(result.firstPaintMs).toBeGreaterThan(0);
    expect(result.initialScriptKilobytes * 1000).toBeLessThan(INITIAL_SCRIPT_LIMIT_BYTES);
    // It builds the bundle and starts a browser, before a few seconds of measuring.
  }, 240_000);
});
