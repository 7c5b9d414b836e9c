/** Keys that work anywhere in the window. */
import { commands } from '../state/commands.ts';

export const isMac = (): boolean => /Mac|iPhone|iPad/.test(navigator.platform);

/** `Mod+K` as this machine's keys are called: `Ctrl+K`, `⌘K`. */
export function keysInWords(keys: string, mac = isMac()): string {
  if (!mac) return keys.replaceAll('Mod', 'Ctrl');
  return keys.replaceAll('Mod+', '⌘').replaceAll('Shift+', '⇧').replaceAll('Alt+', '⌥');
}

interface Stroke {
  key: string;
  mod: boolean;
  shift: boolean;
}

export function parseStroke(keys: string): Stroke {
  const parts = keys.split('+');
  return { key: (parts.at(-1) ?? '').toLowerCase(), mod: parts.includes('Mod'), shift: parts.includes('Shift') };
}

/** The second key of `G then D` has to come within this time. */
const SEQUENCE_MS = 1200;

/** Runs the command whose keys are pressed; a plain letter does nothing while text is being typed. */
export function followShortcuts(): () => void {
  let first = '';
  let firstAt = 0;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.altKey || event.isComposing) return;
    const mod = isMac() ? event.metaKey : event.ctrlKey;
    const key = event.key.toLowerCase();
    if (!mod && (isTyping(event.target) || document.querySelector('dialog[open]') !== null)) return;
    const wanted = commands.get().find(({ keys }) => {
      if (keys === undefined) return false;
      const [before, after] = keys.toLowerCase().split(' then ');
      if (after !== undefined)
        return !mod && before === first && after === key && event.timeStamp - firstAt < SEQUENCE_MS;
      const stroke = parseStroke(keys);
      return (
        stroke.key === key &&
        stroke.mod === mod &&
        (stroke.shift === event.shiftKey || (key.length === 1 && !/[a-z0-9]/.test(key)))
      );
    });
    [first, firstAt] = [mod ? '' : key, event.timeStamp];
    if (wanted === undefined) return;
    event.preventDefault();
    first = '';
    wanted.run();
  };
  addEventListener('keydown', onKeyDown);
  return () => removeEventListener('keydown', onKeyDown);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
