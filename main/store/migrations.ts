/**
 * The schema, as the list of steps that led to it. A step that was released is never edited; a change
 * is a new step. `PRAGMA user_version` counts the steps that a file has seen.
 *
 * The file is an open format: any SQLite program can read it. `at_ms` counts milliseconds of training;
 * `seq` is a record's place among all records of its run; NaN is kept as the text 'NaN', because
 * SQLite would turn it into NULL, and NULL means that the figure is unknown.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE runs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT,
    status TEXT NOT NULL CHECK (status IN ('running', 'paused', 'completed', 'interrupted', 'failed')),
    created_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    config TEXT NOT NULL,
    options TEXT NOT NULL,
    environment TEXT NOT NULL,
    result TEXT,
    error TEXT,
    lost_records INTEGER NOT NULL DEFAULT 0,
    owner TEXT
  );
  CREATE TABLE workers (
    run INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms REAL NOT NULL,
    worker TEXT NOT NULL, incarnation INTEGER NOT NULL,
    engine TEXT NOT NULL, cores INTEGER NOT NULL, architecture TEXT NOT NULL, platform TEXT NOT NULL,
    memory_bytes INTEGER NOT NULL, samples_per_second REAL, throttle TEXT,
    PRIMARY KEY (run, seq)
  ) WITHOUT ROWID;
  CREATE TABLE iterations (
    run INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms REAL NOT NULL,
    worker TEXT NOT NULL, pushed INTEGER NOT NULL,
    clock INTEGER NOT NULL, steps INTEGER NOT NULL, samples INTEGER NOT NULL, batch INTEGER NOT NULL,
    loss REAL NOT NULL, probe_loss REAL, compute_ms REAL NOT NULL, wait_ms REAL NOT NULL, notes TEXT,
    PRIMARY KEY (run, seq)
  ) WITHOUT ROWID;
  CREATE TABLE pushes (
    run INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms REAL NOT NULL,
    worker TEXT NOT NULL, sequence INTEGER NOT NULL, base_version INTEGER NOT NULL, version INTEGER,
    staleness REAL NOT NULL, weight REAL NOT NULL, outcome TEXT NOT NULL, reason TEXT, bytes INTEGER NOT NULL,
    PRIMARY KEY (run, seq)
  ) WITHOUT ROWID;
  CREATE TABLE allocations (
    run INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms REAL NOT NULL,
    worker TEXT NOT NULL, samples INTEGER NOT NULL, batch INTEGER NOT NULL, epochs INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (run, seq)
  ) WITHOUT ROWID;
  CREATE TABLE evaluations (
    run INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms REAL NOT NULL,
    version INTEGER NOT NULL, split TEXT NOT NULL, loss REAL NOT NULL, accuracy REAL NOT NULL, rows INTEGER NOT NULL,
    iterations INTEGER NOT NULL, samples INTEGER NOT NULL, bytes INTEGER NOT NULL,
    PRIMARY KEY (run, seq)
  ) WITHOUT ROWID;
  CREATE TABLE traffic (
    run INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms REAL NOT NULL,
    model_bytes INTEGER NOT NULL, update_bytes INTEGER NOT NULL, data_bytes INTEGER NOT NULL,
    control_bytes INTEGER NOT NULL, iterations INTEGER NOT NULL, counterfactual_bytes INTEGER NOT NULL,
    PRIMARY KEY (run, seq)
  ) WITHOUT ROWID;
  CREATE TABLE incidents (
    run INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms REAL NOT NULL,
    level TEXT NOT NULL, what TEXT NOT NULL, worker TEXT, text TEXT NOT NULL,
    PRIMARY KEY (run, seq)
  ) WITHOUT ROWID;
  CREATE TABLE decisions (
    run INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms REAL NOT NULL,
    event TEXT NOT NULL, commands TEXT NOT NULL,
    PRIMARY KEY (run, seq)
  ) WITHOUT ROWID;
  `,
  // Devices and the host keys that were found good. No secret is in either: those are the vault's, or the session's.
  `
  CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    address TEXT NOT NULL,
    port INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    last_seen_at TEXT,
    settings TEXT NOT NULL,
    found TEXT NOT NULL,
    UNIQUE (address, port)
  );
  CREATE TABLE host_keys (
    address TEXT NOT NULL,
    port INTEGER NOT NULL,
    key_type TEXT NOT NULL,
    key BLOB NOT NULL,
    trusted_by TEXT NOT NULL CHECK (trusted_by IN ('user', 'tailnet', 'known-hosts')),
    since TEXT NOT NULL,
    PRIMARY KEY (address, port, key_type)
  ) WITHOUT ROWID;
  `,
  // How a worker's connection came: `loopback`, `tailnet`, `lan`, `internet` or `tunnel`, from where, with TLS or not.
  `
  ALTER TABLE workers ADD COLUMN path TEXT;
  ALTER TABLE workers ADD COLUMN address TEXT;
  ALTER TABLE workers ADD COLUMN tls INTEGER;
  `,
  // Why an iteration was pushed, where not every one is.
  `
  ALTER TABLE iterations ADD COLUMN push_reason TEXT;
  `,
  // What simulated runs ran on: the cluster as it was used, whole. Those of before have none.
  `
  CREATE TABLE simulations (
    run INTEGER PRIMARY KEY,
    cluster TEXT NOT NULL,
    timing_only INTEGER NOT NULL
  );
  `,
];
