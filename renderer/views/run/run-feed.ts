/**
 * A run as the window follows it: its picture, kept outside React and growing by ticks, and its particulars.
 * Opened after subscribing, so that no tick is lost; opened again after a gap or a lost connection.
 */
import type { Bridge, RunDetail, RunMessage, RunOpening } from '../../../main/core/api.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { PictureFold } from '../../../main/core/live/picture-fold.ts';
import type { Picture } from '../../../main/core/live/picture.ts';
import type { Versioned } from '../../charts/pace.ts';

/** A connection that is gone is asked for again after so long. */
const RETRY_MS = 1500;
/** Ticks that come while the run is being opened. */
const MAX_EARLY = 256;

export type FeedState =
  | { kind: 'opening' }
  | { kind: 'open' }
  /** What is shown is of when the connection was lost. */
  | { kind: 'disconnected'; since: number }
  | { kind: 'failed'; error: ErrorReport };

export class RunFeed implements Versioned {
  readonly run: string;
  readonly #bridge: Bridge;
  readonly #listeners = new Set<() => void>();
  readonly #stateListeners = new Set<() => void>();
  #state: FeedState = { kind: 'opening' };
  #fold: PictureFold | null = null;
  #detail: RunDetail | null = null;
  #paths: RunOpening['paths'] = [];
  #seq = 0;
  #early: RunMessage[] = [];
  #version = 0;
  #unsubscribe: (() => void) | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(bridge: Bridge, run: string) {
    this.#bridge = bridge;
    this.run = run;
  }

  readonly version = (): number => this.#version;
  readonly state = (): FeedState => this.#state;
  readonly detail = (): RunDetail | null => this.#detail;

  /** Only once the run is open. */
  get picture(): Picture {
    if (this.#fold === null) throw new Error('the run is not open yet');
    return this.#fold.picture;
  }

  get paths(): RunOpening['paths'] {
    return this.#paths;
  }

  /** Told of every tick. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Told when the state or the particulars are others. */
  readonly onState = (listener: () => void): (() => void) => {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  };

  open(): void {
    this.#isClosed = false;
    this.#unsubscribe?.();
    this.#early = [];
    let isReady = false;
    this.#unsubscribe = this.#bridge.subscribe(
      'run',
      { run: this.run },
      (message) => {
        if (isReady) this.#take(message);
        else if (this.#early.length < MAX_EARLY) this.#early.push(message);
      },
      (error) => this.#lose(error),
    );
    void this.#bridge.call('runs.open', { run: this.run }).then(
      (answer) => {
        if (this.#isClosed) return;
        if (!answer.ok) {
          // A run that was shown stays shown, as of when it was seen last.
          this.#lose(answer.error);
          return;
        }
        isReady = true;
        this.#begin(answer.value);
      },
      () => this.#lose(undefined),
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    clearTimeout(this.#retry);
  }

  /** What a call has answered with is shown at once. */
  replaceDetail(detail: RunDetail): void {
    this.#detail = detail;
    this.#notifyState();
  }

  #begin({ picture, detail, paths, seq }: RunOpening): void {
    this.#fold = new PictureFold({ picture });
    this.#detail = detail;
    this.#paths = paths;
    this.#seq = seq;
    this.#state = { kind: 'open' };
    const early = this.#early;
    this.#early = [];
    for (const message of early) this.#take(message);
    this.#changed();
    this.#notifyState();
  }

  #take(message: RunMessage): void {
    if (message.kind === 'detail') {
      this.#detail = message.detail;
      this.#changed();
      this.#notifyState();
      return;
    }
    if (message.seq <= this.#seq) return;
    if (message.seq > this.#seq + 1) {
      this.open();
      return;
    }
    this.#seq = message.seq;
    this.#fold?.merge(message.tick);
    this.#changed();
  }

  #lose(error: ErrorReport | undefined): void {
    if (this.#isClosed) return;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    if (error !== undefined && this.#fold === null) {
      this.#setState({ kind: 'failed', error });
      return;
    }
    if (this.#state.kind !== 'disconnected') this.#setState({ kind: 'disconnected', since: Date.now() });
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.open(), RETRY_MS);
  }

  #setState(state: FeedState): void {
    this.#state = state;
    this.#notifyState();
  }

  #notifyState(): void {
    for (const listener of this.#stateListeners) listener();
  }

  #changed(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}
