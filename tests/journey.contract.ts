/**
 * The main job as its user goes through it, on workers of this machine: the program as it is started, its window, no
 * part replaced. Each test goes on where the one before it stopped.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenedWindow } from '../scripts/window/browser.ts';
import { ends, events, fillExperiment, goTo, PATIENCE_MS, sees, startTraining } from '../scripts/window/person.ts';
import { temporary } from './cli-program.ts';
import { exportAndCheckReports, type Receiving } from './downloads.ts';

const NAME = 'From door to report';
const CHANGE = /local-\d: (?:batch|data set) .* → /;

/** The program with its window before its user, wherever that is drawn. */
export interface Door {
  opened: OpenedWindow;
  /** Ids of the worker agents that it has started and that are alive. */
  agents(): number[];
  receiving: Receiving;
  /** As its user ends it. @returns the exit code */
  end(): Promise<number | null>;
}

/**
 * @param why it cannot be opened on this host.
 * @param also what holds behind this door alone; tested first.
 */
export function describeJourney(
  title: string,
  why: string | undefined,
  open: () => Promise<Door>,
  also: (door: () => Door) => void,
): void {
  // On a busy host a page with moving charts answers a click late.
  describe.skipIf(why !== undefined)(why === undefined ? title : `${title} (${why})`, { timeout: 180_000 }, () => {
    let door: Door;
    let opened: OpenedWindow;
    let run: string;

    beforeAll(async () => {
      door = await open();
      ({ opened } = door);
    }, 240_000);
    afterAll(() => opened.close());

    also(() => door);

    test('an empty inventory offers three doors', async () => {
      await goTo(opened.page, 'Devices');
      for (const door of ['Try it now', 'Find devices on my tailnet', 'Add a device by address'])
        await opened.page.getByRole('button', { name: door }).waitFor({ timeout: PATIENCE_MS });
    });

    test('Hermes starts on unequal local workers', async () => {
      const { page } = opened;
      await fillExperiment(page, {
        'Name of the run': NAME,
        'Training rows': '4000',
        'Test rows': '500',
        'Validation rows': '300',
        'On this computer': '4',
        'Their relative speeds': '1, 0.6, 0.35, 0.2',
        Engine: 'wasm',
        'Validation accuracy reaches': '',
      });
      run = await startTraining(page);
      await page.getByRole('heading', { level: 1, name: NAME }).waitFor({ timeout: PATIENCE_MS });
      expect(door.agents()).toHaveLength(4);
    });

    test('the allocation changes, with its reason', async () => {
      const { page } = opened;
      await sees(page, CHANGE);
      const change = await events(page).filter({ hasText: CHANGE }).last().innerText();
      expect(change).toMatch(/→ [\d,]+(?:, data set [\d,]+ → [\d,]+)?: \w+/);
    });

    test('a worker process that is killed is reported, and the others go on', async () => {
      const { page } = opened;
      const [victim = 0] = door.agents();
      process.kill(victim, 'SIGKILL');
      await events(page)
        .filter({ has: page.getByLabel(/^(Lost|Worker failed)$/) })
        .first()
        .waitFor({ timeout: PATIENCE_MS });
      expect(door.agents()).toHaveLength(3);
      await page.getByRole('button', { name: 'Stop', exact: true }).waitFor();
    });

    test('it is stopped, and says so', async () => {
      await opened.page.getByRole('button', { name: 'Stop', exact: true }).click();
      await opened.page.getByRole('button', { name: 'Stop now' }).click();
      await ends(opened.page, 'Interrupted', PATIENCE_MS);
      await expect.poll(() => door.agents(), { timeout: 20_000 }).toEqual([]);
    });

    test('every report is exported, opened and right', async () => {
      const workers = ['local-1', 'local-2', 'local-3', 'local-4'];
      const { receiving } = door;
      await exportAndCheckReports(opened.page, { run, name: NAME, workers, directory: temporary(), receiving });
    });

    test('the window has not thrown, warned or asked anybody else; the program ends when it is told', async () => {
      expect(opened.complaints).toEqual([]);
      expect(await door.end()).toBe(0);
    });
  });
}
