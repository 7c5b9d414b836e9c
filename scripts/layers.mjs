/**
 * The layer law: who may import whom, and which packages. This table is its only source; the lint rule
 * (`layer-law.mjs`), the type check (`typecheck.ts`) and the architecture test are made from it.
 */

/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {readonly string[]} paths Folders (ending in `/`) and files that make the layer.
 * @property {readonly string[]} imports A layer's name; `type <layer>`: its types only; `<layer>/<file>`: that file only.
 * @property {readonly string[]} externals Package names; `@scope/*` and `node:*` stand for all of them.
 * @property {Readonly<Record<string, readonly string[]>>} [exceptions] File of the layer → further packages it may use.
 * @property {readonly string[]} types Ambient types that the compiler gives it; none means no host at all.
 */

/** @type {readonly Layer[]} */
export const LAYERS = [
  {
    name: 'core',
    paths: ['main/core/'],
    imports: [],
    externals: [],
    // Schemas for what comes from outside: settings, model descriptions, the hosts' requests.
    exceptions: {
      'config.ts': ['zod'],
      'model.ts': ['zod'],
      'api.ts': ['zod'],
      'api/comparisons.ts': ['zod'],
      'api/devices.ts': ['zod'],
      'api/experiment.ts': ['zod'],
      'api/runs.ts': ['zod'],
      'settings.ts': ['zod'],
      'issue.ts': ['zod'],
      'cluster.ts': ['zod'],
      'device.ts': ['zod'],
    },
    types: [],
  },
  {
    name: 'learn',
    paths: ['main/learn/'],
    imports: ['core'],
    externals: ['@tensorflow/*', 'node:*'],
    exceptions: { 'bundle.ts': ['esbuild'] },
    types: ['node'],
  },
  { name: 'report', paths: ['main/report/'], imports: ['core'], externals: [], types: [] },
  {
    name: 'server',
    paths: ['main/server/'],
    imports: ['core'],
    externals: ['node:*', 'ws'],
    exceptions: { 'certificate.ts': ['selfsigned'] },
    types: ['node'],
  },
  { name: 'worker', paths: ['main/worker/'], imports: ['core', 'learn'], externals: ['node:*', 'ws'], types: ['node'] },
  { name: 'sim', paths: ['main/sim/'], imports: ['core', 'learn'], externals: ['node:*'], types: ['node'] },
  { name: 'store', paths: ['main/store/'], imports: ['core'], externals: ['node:*'], types: ['node'] },
  {
    name: 'provision',
    paths: ['main/provision/'],
    imports: ['core'],
    externals: ['node:*', 'ssh2', 'ssh-config', 'tar-stream', 'zod'],
    types: ['node'],
  },
  {
    name: 'control-plane',
    paths: ['main/control-plane.ts', 'main/control-plane/'],
    imports: ['core', 'learn', 'report', 'server', 'worker', 'sim', 'store', 'provision'],
    externals: ['node:*'],
    types: ['node'],
  },
  {
    name: 'cli',
    paths: ['main/cli/'],
    imports: [
      'control-plane',
      'web',
      'core/api.ts',
      'core/control-plane-api.ts',
      'core/errors.ts',
      'core/plain-text.ts',
      'type core',
    ],
    externals: ['node:*'],
    types: ['node'],
  },
  {
    name: 'web',
    paths: ['main/web/'],
    imports: [
      'control-plane',
      'core/api.ts',
      'core/control-plane-api.ts',
      'core/errors.ts',
      'core/window-files.ts',
      'type core',
    ],
    externals: ['node:*', 'ws'],
    types: ['node'],
  },
  {
    name: 'electron',
    paths: ['electron/'],
    imports: [
      'control-plane',
      'core/api.ts',
      'core/control-plane-api.ts',
      'core/errors.ts',
      'core/open-requests.ts',
      'core/outside-page.ts',
      'core/window-files.ts',
      'type core',
    ],
    externals: ['node:*', 'electron'],
    types: ['node'],
  },
  {
    name: 'renderer',
    paths: ['renderer/'],
    imports: ['core'],
    externals: ['react', 'react-dom', 'recharts', '@tanstack/*'],
    types: ['react', 'react-dom'],
  },
];

/** What a test beside the code may use on top of its layer. */
export const TEST_EXTERNALS = ['vitest', 'fast-check', 'node:*'];

/** Names that let time, chance or a host into the core. `Date` and `Math.random` are part of the language itself. */
export const IMPURE_GLOBALS = [
  ...['Date', 'performance', 'console', 'crypto', 'fetch', 'process', 'Buffer', 'globalThis', 'require'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'requestAnimationFrame'],
];
/** @type {readonly (readonly [object: string, property: string])[]} */
export const IMPURE_PROPERTIES = [['Math', 'random']];

/**
 * The layer that a file belongs to.
 * @param {string} file Path from the root of the repository, with `/`.
 */
export function layerOf(file) {
  return LAYERS.find(({ paths }) => paths.some((path) => (path.endsWith('/') ? file.startsWith(path) : file === path)));
}

/**
 * Tests, the contract suites that several tests share, and the programs that tests start.
 * @param {string} file
 */
export function isTest(file) {
  return /\.(test|contract|fixture)\.tsx?$/.test(file);
}

/**
 * @param {string} pattern
 * @param {string} specifier
 */
function matchesExternal(pattern, specifier) {
  if (pattern.endsWith('*')) return specifier.startsWith(pattern.slice(0, -1));
  return specifier === pattern || specifier.startsWith(`${pattern}/`);
}

/**
 * Why `file` must not import `specifier`; undefined when it may.
 * @param {string} file Path of the importing file from the root, with `/`.
 * @param {string} specifier As written in the source.
 * @param {boolean} typesOnly
 * @returns {string | undefined}
 */
export function objectionTo(file, specifier, typesOnly) {
  const layer = layerOf(file);
  if (layer === undefined) return `${file} belongs to no layer: give its folder a row in scripts/layers.mjs`;
  return specifier.startsWith('.')
    ? objectionToFile(layer, new URL(specifier, `file:///${file}`).pathname.slice(1), typesOnly)
    : objectionToPackage(layer, file, specifier);
}

/**
 * @param {Layer} layer
 * @param {string} target
 * @param {boolean} typesOnly
 */
function objectionToFile(layer, target, typesOnly) {
  const other = layerOf(target);
  if (other === undefined) return `${layer.name} must not import ${target}, which belongs to no layer`;
  if (other === layer) return undefined;
  const allowed = layer.imports.some((entry) => {
    if (entry === other.name) return true;
    if (entry === `type ${other.name}`) return typesOnly;
    return other.paths.some(
      (path) => entry === `${other.name}/${target.slice(path.length)}` && target.startsWith(path),
    );
  });
  if (allowed) return undefined;
  return `${layer.name} must not import ${other.name} (${target}); it may import: ${layer.imports.join(', ') || 'nothing but itself'}`;
}

/**
 * @param {Layer} layer
 * @param {string} file
 * @param {string} specifier
 */
function objectionToPackage(layer, file, specifier) {
  const extra = Object.entries(layer.exceptions ?? {}).find(([name]) =>
    layer.paths.some((path) => file === path + name),
  );
  const patterns = [...layer.externals, ...(extra?.[1] ?? []), ...(isTest(file) ? TEST_EXTERNALS : [])];
  if (patterns.some((pattern) => matchesExternal(pattern, specifier))) return undefined;
  return `${layer.name} must not import the package ${specifier}; it may import: ${patterns.join(', ') || 'no package'}`;
}
