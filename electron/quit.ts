/** Quitting while a model trains: keep going in the tray, stop with a checkpoint, or think again. */
import type { MessageBoxOptions } from 'electron';

export type QuitChoice = 'keep' | 'stop' | 'cancel';

const CHOICES: readonly { choice: QuitChoice; label: string }[] = [
  { choice: 'keep', label: 'Keep training in the tray' },
  { choice: 'stop', label: 'Checkpoint and stop' },
  { choice: 'cancel', label: 'Cancel' },
];

/** @param runs names of the runs that train. */
export function quitQuestion(runs: readonly string[]): MessageBoxOptions {
  const one = runs.length === 1;
  return {
    type: 'question',
    title: 'Caduceus',
    message: one ? `${runs[0] ?? ''} is training.` : `${runs.length} runs are training.`,
    detail:
      'In the tray, training goes on and the window can be opened again. ' +
      `Stopping writes a checkpoint from which ${one ? 'the run' : 'each run'} can be resumed.`,
    buttons: CHOICES.map(({ label }) => label),
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  };
}

/** @param response index of the button; anything else is a closed dialog. */
export function quitChoice(response: number): QuitChoice {
  return CHOICES[response]?.choice ?? 'cancel';
}
