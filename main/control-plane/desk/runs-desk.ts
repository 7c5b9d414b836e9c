/** The calls about runs: those that train here, and those that are kept. */
import type { CheckedInput, RecordPage, RunDetail, RunList, RunOpening, RunsChange } from '../../core/api.ts';
import type { DevicesApi } from '../../core/device.ts';
import type { RunRow } from '../../core/run-row.ts';
import type { Store } from '../../store/runs.ts';
import type { LiveRun } from './live-run.ts';
import { LiveRuns } from './live-runs.ts';
import type { Notices } from './notices.ts';
import { detailOf, listItem } from './run-rows.ts';
import { StoredPictures } from './stored-pictures.ts';
import { Topic } from './topic.ts';

/** Figures of runs in lists are told this often at most. */
const TELL_EVERY_MS = 1000;
/** How often it is looked whether another process has written, while anybody watches the list. */
const LOOK_EVERY_MS = 2000;
/** Newest runs that are compared with what was told. */
const WATCHED = 100;

export class RunsDesk {
  readonly changes = new Topic<RunsChange>();
  readonly live: LiveRuns;
  readonly #store: Store;
  readonly #notices: Notices;
  readonly #pictures: StoredPictures;
  readonly #devices: DevicesApi;
  /** Taken off the list; deleted when the program ends. */
  readonly #removed = new Set<string>();
  readonly #changed = new Set<string>();
  readonly #looking: NodeJS.Timeout;
  #telling: NodeJS.Timeout | undefined;
  #outside: number;

  constructor(store: Store, notices: Notices, devices: DevicesApi) {
    this.#store = store;
    this.#notices = notices;
    this.#devices = devices;
    this.#pictures = new StoredPictures(store);
    this.#outside = store.outsideVersion;
    this.live = new LiveRuns({
      onChange: (run) => this.#change(run),
      onEnd: (run, live) => this.#ended(run, live),
      onFailure: (run, error) => this.#notices.error(error, { run }),
    });
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  list({ limit, before }: CheckedInput<'runs.list'>): RunList {
    const rows = this.#rows(limit + this.#removed.size + 1, before);
    const runs = rows.slice(0, limit).map((row) => listItem(row, this.live.figures(row.run)));
    return { runs, more: rows.length > limit };
  }

  detail(wanted: string): RunDetail {
    return this.#detail(this.#store.findRun(wanted));
  }

  rename({ run, name }: CheckedInput<'runs.rename'>): RunDetail {
    const row = this.#store.findRun(run);
    this.#store.rename(row.run, name);
    this.#change(row.run);
    return this.detail(row.run);
  }

  /** Those that train are stopped by their own call first. @throws CAD-RUN-UNFINISHED */
  remove(runs: readonly string[]): void {
    const rows = runs.map((run) => this.#store.findRun(run));
    for (const { run } of rows) this.#store.refuseActive(run);
    for (const { run } of rows) this.#removed.add(run);
    this.changes.tell({ changed: [], removed: rows.map(({ run }) => run) });
  }

  restore(runs: readonly string[]): void {
    for (const wanted of runs) {
      const { run } = this.#store.findRun(wanted);
      if (this.#removed.delete(run)) this.#change(run);
    }
  }

  async open(wanted: string): Promise<RunOpening> {
    const row = this.#store.findRun(wanted);
    const live = this.live.find(row.run);
    if (live?.hasPicture) {
      // Whoever follows from here has missed nothing and gets nothing twice.
      live.flush();
      const { picture, seq } = live;
      return { detail: this.#detail(row), picture, seq, paths: this.#paths(picture.workers) };
    }
    const picture = await this.#pictures.open(row);
    return { detail: this.detail(row.run), picture, seq: 0, paths: [] };
  }

  records({ run, table, worker, offset, limit }: CheckedInput<'runs.records'>): RecordPage {
    const row = this.#store.findRun(run);
    const asked = { kind: table, offset, limit, ...(worker !== undefined && { worker }) };
    return { table, offset, ...this.#store.reader(row.run).page(asked) };
  }

  /** Tells those who follow the run how it stands. */
  tellDetail(run: string): RunDetail {
    const detail = this.detail(run);
    const live = this.live.find(run);
    live?.flush();
    this.live.topic(run).tell({ kind: 'detail', seq: live?.seq ?? 0, detail });
    this.#change(run);
    return detail;
  }

  async close(): Promise<void> {
    clearInterval(this.#looking);
    clearTimeout(this.#telling);
    await this.#pictures.settle();
    for (const run of this.#removed) this.#store.discardRun(run);
  }

  #ended(run: string, live: LiveRun): void {
    const row = this.#store.findRun(run);
    void this.#pictures.keep(row, live.picture);
    this.live.topic(run).tell({ kind: 'detail', seq: live.seq, detail: this.#detail(row) });
    this.#change(run);
  }

  #detail(row: RunRow): RunDetail {
    const kept = { directory: this.#store.runDirectory(row.run), simulation: this.#store.simulationOf(row.run) };
    return detailOf(row, this.live.figures(row.run), kept);
  }

  #rows(limit: number, before?: string): RunRow[] {
    const rows = this.#store.listRuns({ limit, ...(before !== undefined && { before }) });
    return rows.filter(({ run }) => !this.#removed.has(run));
  }

  #paths(workers: readonly { name: string }[]): RunOpening['paths'] {
    const known = new Map(this.#devices.list().map(({ name, path }) => [name, path]));
    return workers.map(({ name }) => ({ worker: name, path: known.get(name) ?? null }));
  }

  #change(run: string): void {
    this.#changed.add(run);
    this.#telling ??= setTimeout(() => this.#tell(), this.live.find(run) === undefined ? 0 : TELL_EVERY_MS / 4);
  }

  #tell(): void {
    this.#telling = undefined;
    const changed = [...this.#changed].filter((run) => !this.#removed.has(run));
    this.#changed.clear();
    if (this.changes.listeners > 0 && changed.length > 0) {
      const items = changed.map((run) => listItem(this.#store.findRun(run), this.live.figures(run)));
      this.changes.tell({ changed: items, removed: [] });
    }
  }

  /** Figures of runs that train, and runs that another process has started or ended. */
  #look(): void {
    if (this.changes.listeners === 0) return;
    for (const run of this.live.names) this.#change(run);
    const outside = this.#store.outsideVersion;
    if (outside === this.#outside) return;
    this.#outside = outside;
    for (const { run } of this.#rows(WATCHED)) this.#change(run);
  }
}
