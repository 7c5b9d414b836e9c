/** Takes pictures of a window: light and dark, wide and small. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

export const WIDE = { width: 1280, height: 900 };
export const SMALL = { width: 900, height: 600 };
/** Everything of a long screen, as if its window were this high. */
export const TALL = { width: 1280, height: 2200 };
/** Of what is kept in the repository. */
const MAX_KEPT_BYTES = 300_000;
/** Charts draw themselves anew after a change of size or colours. */
const SETTLE_MS = 1500;

export interface Views {
  small?: boolean;
  tall?: boolean;
}

export interface Folders {
  /** For files of these names. */
  kept: ReadonlySet<string>;
  keptIn: string;
  othersIn: string;
}

export class Camera {
  readonly taken: string[] = [];
  readonly #page: Page;
  readonly #folders: Folders;

  constructor(page: Page, folders: Folders) {
    this.#page = page;
    this.#folders = folders;
  }

  /** `window-NAME-light.png` and `-dark`, and with `small` and `tall` those as well. */
  async take(name: string, { small = false, tall = false }: Views = {}): Promise<void> {
    await this.#shoot(`${name}-light`, 'light', WIDE);
    await this.#shoot(`${name}-dark`, 'dark', WIDE);
    if (small) await this.#shoot(`${name}-small`, 'light', SMALL);
    if (tall) await this.#shoot(`${name}-tall`, 'light', TALL);
    await this.#page.emulateMedia({ colorScheme: 'light' });
    await this.#page.setViewportSize(WIDE);
  }

  async #shoot(name: string, colorScheme: 'light' | 'dark', size: typeof WIDE): Promise<void> {
    await this.#page.emulateMedia({ colorScheme });
    await this.#page.setViewportSize(size);
    await this.#page.waitForTimeout(SETTLE_MS);
    // On a busy host colours change piece by piece: what is taken is a whole frame, and the one after it.
    await this.#page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    const picture = await this.#page.screenshot();
    const file = `window-${name}.png`;
    const { kept, keptIn, othersIn } = this.#folders;
    const isKept = kept.has(file);
    if (isKept && picture.length > MAX_KEPT_BYTES) throw new Error(`${file} has ${picture.length} bytes`);
    const folder = isKept ? keptIn : othersIn;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file), picture);
    this.taken.push(file);
    console.log(`${file}: ${picture.length} bytes`);
  }
}
