/**
 * Everything that can be done from anywhere: the palette lists it, shortcuts run it. A screen adds its
 * own commands while it is shown.
 */
import { useEffect, useRef } from 'react';
import { createStore } from './store.ts';

export interface Command {
  id: string;
  /** A verb and its object: `Add a device by address`. */
  title: string;
  /** Where it belongs: `Devices`. */
  group: string;
  /** `Mod+K`, `Mod+Shift+D`, `G then D`; Mod is Ctrl, on a Mac Cmd. */
  keys?: string;
  /** Further words that find it. */
  words?: string;
  run: () => void;
}

export const commands = createStore<readonly Command[]>([]);

export function addCommands(added: readonly Command[]): () => void {
  commands.update((all) => [...all, ...added]);
  return () => commands.update((all) => all.filter((command) => !added.includes(command)));
}

/** Commands of a component, for as long as it is shown. Keep the list stable with a memo. */
export function useCommands(added: readonly Command[]): void {
  useEffect(() => addCommands(added), [added]);
}

/** What a button does, for as long as it is shown and would do it; null while it would not. */
export function useCommand(command: Pick<Command, 'title' | 'group' | 'run'> | null): void {
  const newest = useRef(command?.run);
  useEffect(() => {
    newest.current = command?.run;
  });
  const [title, group] = [command?.title, command?.group];
  useEffect(() => {
    if (title === undefined || group === undefined) return;
    return addCommands([{ id: `${group}: ${title}`, title, group, run: () => newest.current?.() }]);
  }, [title, group]);
}

/** Commands that match what was typed: every word somewhere, best first where a title begins with it. */
export function matching(all: readonly Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...all];
  const scored = all.flatMap((command) => {
    const title = command.title.toLowerCase();
    const text = `${title} ${command.group} ${command.words ?? ''}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) return [];
    const first = words[0] ?? '';
    const score = title.startsWith(first) ? 0 : title.split(' ').some((part) => part.startsWith(first)) ? 1 : 2;
    return [{ command, score }];
  });
  return scored.sort((a, b) => a.score - b.score).map(({ command }) => command);
}
