/** `bench/window.ts` at the size of a smoke test: it measures what it says, on the production bundle. */
import { describe, expect, test } from 'vitest';
import { measureWindow } from '../bench/window.ts';
import { ensureWindow, INITIAL_SCRIPT_LIMIT_BYTES, measureScripts } from '../scripts/build-window.ts';
import { HAS_CHROMIUM } from './window-session.ts';

describe.skipIf(!HAS_CHROMIUM)('the measurement of the window (needs Chromium)', () => {
  test('follows a run of a few workers, without an error of the page', async () => {
    const built = async () => measureScripts(await ensureWindow());
    const result = await measureWindow({ workers: 8, hz: 10, seconds: 4, startUpMs: 1000 }, built);
    expect(result.errors).toEqual([]);
    expect(result.frames).toBeGreaterThan(0);
    expect(result.recordsPerSecond).toBeGreaterThan(0);
    expect(result.heapMegabytes.last).toBeGreaterThan(1);
    expect(result.firstPaintMs).toBeGreaterThan(0);
    expect(result.initialScriptKilobytes * 1000).toBeLessThan(INITIAL_SCRIPT_LIMIT_BYTES);
    // It builds the bundle and starts a browser, before a few seconds of measuring.
  }, 240_000);
});
