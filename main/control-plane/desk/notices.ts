/** What went wrong or changed without anybody having asked, for all windows. */
import type { Notice } from '../../core/api.ts';
import { reportError } from '../../core/errors.ts';
import { Topic } from './topic.ts';

const KEPT = 100;

export class Notices extends Topic<Notice> {
  /** The newest, for the diagnostics. */
  readonly kept: Notice[] = [];
  #count = 0;

  error(error: unknown, about: Notice['about']): void {
    const report = reportError(error);
    this.#add({ level: 'error', text: report.message, error: report, about });
  }

  info(text: string, about: Notice['about']): void {
    this.#add({ level: 'info', text, error: null, about });
  }

  #add(said: Omit<Notice, 'id' | 'at'>): void {
    this.#count += 1;
    const notice = { id: this.#count, at: new Date().toISOString(), ...said };
    this.kept.push(notice);
    if (this.kept.length > KEPT) this.kept.shift();
    this.tell(notice);
  }
}
