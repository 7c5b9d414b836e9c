/** How to repeat a run, on a page. */
import { markup, type Markup } from './markup.ts';
import { card } from './parts.ts';
import { listedText, repetitionOf, tooLongText } from './repeat.ts';
import type { RunStory } from './story.ts';

export function repeatCard(story: RunStory): Markup {
  const { command, files, notes } = repetitionOf(story);
  const listings = files.map((file) => {
    const text = listedText(file);
    return text === null
      ? markup`<p>${tooLongText(file)}</p>`
      : markup`<p>with <b>${file.name}</b> holding ${HOLDS[file.holds]}:</p><pre>${text}</pre>`;
  });
  return card({
    title: 'How to repeat it',
    wide: true,
    long: true,
    body: markup`<pre>${command}</pre>${notes.map((note) => markup`<p class="muted">${note}</p>`)}${listings}`,
  });
}

const HOLDS = {
  settings: 'the settings, defaults spelled out',
  cluster: 'the cluster, as it was simulated',
} as const;
