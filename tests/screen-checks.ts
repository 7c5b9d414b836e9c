/** What must hold of a screen as it is laid out: room for everything, rest where rest is asked for. */
import type { Page } from 'playwright-core';

/** Whatever can be used. */
const USABLE = 'a[href], button, input, select, textarea, summary, [role=tab], [role=slider], [tabindex="0"]';

/** Runs in the page: helpers for the checks below. */
const READ = `
  const describe = (element) => element.localName + (element.className && typeof element.className === 'string' ? '.' + element.className.trim().split(/\\s+/).join('.') : '') + ' "' + (element.getAttribute('aria-label') || element.textContent || element.value || '').trim().slice(0, 40) + '"';
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !element.closest('.unseen, [inert], [hidden]');
  const dialog = document.querySelector('dialog[open]');
  const inReach = [...(dialog ?? document).querySelectorAll(${JSON.stringify(USABLE)})].filter((element) => isSeen(element) && !element.disabled);
`;

/** Parts of the page that are wider than their room, where nothing scrolls to the rest. */
export function wideParts(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const found = [];
    const over = (name, by) => by > 1 && found.push(name + ': ' + Math.round(by) + ' px too wide');
    over('page', document.documentElement.scrollWidth - innerWidth);
    for (const part of document.querySelectorAll('.screen-main, .side, .dialog-body, .dialog-frame, dialog')) over(part.className || part.localName, part.scrollWidth - part.clientWidth);
    return found;
  })()`);
}

/** Text that ends at an edge before it is at its end, where nothing scrolls, and no title has the whole of it. */
export function cutTexts(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    ${READ}
    const found = [];
    for (const element of document.querySelectorAll('main *, header *, nav *, dialog *')) {
      const { overflowX, overflowY, webkitLineClamp, clipPath } = getComputedStyle(element);
      // What is for readers of the screen only is a pixel wide.
      if (!isSeen(element) || clipPath !== 'none' || element.closest('svg, canvas, select') || !element.textContent.trim()) continue;
      const hides = (overflow) => overflow === 'hidden' || overflow === 'clip';
      const isCut = (hides(overflowX) && element.scrollWidth > element.clientWidth + 1) || (hides(overflowY) && element.scrollHeight > element.clientHeight + (webkitLineClamp === 'none' ? 4 : 1));
      if (isCut && !element.closest('[title]')) found.push(describe(element) + ' is cut');
    }
    return [...new Set(found)];
  })()`);
}

/** Controls that cannot be brought into sight as a whole in width, or that something lies over. */
export function clippedControls(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    ${READ}
    const found = [];
    for (const element of inReach) {
      if (element.matches('.skip')) continue;
      // What a part hides cannot be scrolled to by whoever uses it, though a program could.
      for (let part = element.parentElement; part; part = part.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(part);
        const box = part.getBoundingClientRect();
        const own = element.getBoundingClientRect();
        if (overflowX === 'auto' || overflowX === 'scroll' || overflowY === 'auto' || overflowY === 'scroll') break;
        if (!['hidden', 'clip'].includes(overflowX) || part === document.body || part === document.documentElement) continue;
        if (own.width > 0 && (own.left < box.left - 1 || own.right > box.right + 1)) found.push(describe(element) + ' is cut by ' + (part.className || part.localName));
      }
      element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      const box = element.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) continue;
      const scrolls = element.matches('[role=region], pre, .event-scroll, .worker-scroll');
      if (!scrolls && (box.left < -1 || box.right > innerWidth + 1)) found.push(describe(element) + ' is not whole: ' + Math.round(box.left) + ' to ' + Math.round(box.right));
      if (scrolls) continue;
      const top = document.elementFromPoint(Math.min(innerWidth - 1, Math.max(0, box.left + box.width / 2)), Math.min(innerHeight - 1, Math.max(0, box.top + box.height / 2)));
      const label = element.labels?.[0];
      if (top && !element.contains(top) && !top.contains(element) && !label?.contains(top)) found.push(describe(element) + ' lies under ' + describe(top));
    }
    return [...new Set(found)];
  })()`);
}

/** Animations and transitions that go on. */
export function movingParts(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    ${READ}
    return document.getAnimations()
      .filter((animation) => animation.playState === 'running' && animation.effect?.getComputedTiming().endTime > 50)
      .map((animation) => (animation.animationName ?? animation.transitionProperty) + ' of ' + describe(animation.effect.target));
  })()`);
}

/** Goes through the page by Tab, from its beginning, and answers with what was not come to and what shows no focus. */
export async function tabbingFaults(page: Page, most = 400): Promise<string[]> {
  await page.evaluate(`(() => {
    ${READ}
    for (const marked of document.querySelectorAll('[data-reached]')) marked.removeAttribute('data-reached');
    document.activeElement?.blur();
    getSelection()?.removeAllRanges();
  })()`);
  const faults = new Set<string>();
  // The last stop is followed by the document itself, then by the first.
  let outside = 0;
  for (let step = 0; step < most; step++) {
    await page.keyboard.press('Tab');
    const { isDone, isOutside, fault } = await page.evaluate<{
      isDone: boolean;
      isOutside?: boolean;
      fault: string | null;
    }>(`(() => {
      ${READ}
      const element = document.activeElement;
      if (!element || element === document.body) return { isDone: false, isOutside: true, fault: null };
      if (element.hasAttribute('data-reached')) return { isDone: true, fault: null };
      element.setAttribute('data-reached', '');
      const shows = (one) => {
        const style = getComputedStyle(one);
        return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
      };
      const label = element.labels?.[0];
      const shown = shows(element) || (label && shows(label)) || (element.parentElement && shows(element.parentElement));
      const bearer = element.closest('.unseen') || element.clientWidth < 2 ? label ?? element : element;
      const { left, top, right, bottom } = bearer.getBoundingClientRect();
      // WCAG 2.4.11: something of it is in sight, with nothing over it.
      const inset = (from, to, share) => from + Math.min(3, (to - from) / 2) + share * Math.max(0, to - from - 6);
      const places = [0, 0.5, 1].flatMap((x) => [0, 0.5, 1].map((y) => [inset(left, right, x), inset(top, bottom, y)]));
      const over = places.map(([x, y]) => document.elementFromPoint(x, y));
      const isIn = over.some((one) => one && (bearer.contains(one) || one.contains(bearer) || element.contains(one)));
      const hidden = () => describe(element) + ' is out of sight with the focus, under ' + (over.find(Boolean) ? describe(over.find(Boolean)) : 'nothing');
      return { isDone: false, fault: !shown ? describe(element) + ' shows no focus' : !isIn ? hidden() : null };
    })()`);
    if (fault !== null) faults.add(fault);
    if (isOutside) outside += 1;
    if (isDone || outside > 2) break;
  }
  const missed = await page.evaluate<string[]>(`(() => {
    ${READ}
    const group = (element) => element.name && element.type === 'radio' ? [...document.querySelectorAll('input[type=radio]')].filter(({ name }) => name === element.name) : [element];
    return [...inReach, ...(dialog ?? document).querySelectorAll('.segmented input')]
      .filter((element) => element.tabIndex >= 0 && !element.disabled && !element.closest('[inert]') && !group(element).some((one) => one.hasAttribute('data-reached')))
      .map((element) => describe(element) + ' is not reached by Tab');
  })()`);
  return [...faults, ...new Set(missed)];
}
