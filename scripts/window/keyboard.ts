/** What a person without a mouse does in the window: Tab until something has the focus, and keys from there. */
import type { Locator, Page } from 'playwright-core';
import { PATIENCE_MS } from './person.ts';

/** Nothing in the window is farther away than this. */
const MAX_TABS = 400;

/** Presses Tab until the element has the focus. @throws when it is not come to, or does not show that it has it. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor({ state: 'attached', timeout: PATIENCE_MS });
  for (let step = 0; step < MAX_TABS; step++) {
    if (await hasFocus(target)) {
      if (!(await showsFocus(page))) throw new Error(`${String(target)} has the focus and does not show it`);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not come to ${String(target)}`);
}

/** Tab to a control, and press it. */
export async function pressAt(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

/** Tab to a field, and type over what is in it. */
export async function typeAt(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press('ControlOrMeta+a');
  if (text === '') await page.keyboard.press('Delete');
  else await page.keyboard.type(text);
}

function hasFocus(target: Locator): Promise<boolean> {
  return target.evaluate((element: { ownerDocument: { activeElement: unknown } }) => {
    return element.ownerDocument.activeElement === element;
  });
}

/** An outline or a shadow, of its own or of what stands for it. */
function showsFocus(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(`(() => {
    const { activeElement: element } = document;
    return [element, element.labels?.[0], element.parentElement].some((one) => {
      if (!one) return false;
      const style = getComputedStyle(one);
      return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
    });
  })()`);
}
