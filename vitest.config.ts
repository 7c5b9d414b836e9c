import { configDefaults, defineConfig } from 'vitest/config';

/**
 * `npm test` runs everything but the long tests; `npm run test:long` runs only those.
 * CADUCEUS_TEST_REPORT names a file that also gets the result as JSON.
 */
export default defineConfig(({ mode }) => {
  const report = process.env['CADUCEUS_TEST_REPORT'];
  const long = mode === 'long';
  const suffix = long ? 'long.test.ts' : 'test.ts';
  return {
    test: {
      include: ['main', 'electron', 'renderer', 'tests', 'scripts'].map((folder) => `${folder}/**/*.${suffix}`),
      exclude: [...configDefaults.exclude, ...(long ? [] : ['**/*.long.test.ts'])],
      environment: 'node',
      // Processes, not threads: a native engine in a worker thread takes the whole run down with it.
      pool: 'forks',
      maxWorkers: 2,
      // A rule must not fail because the machine is busy with something else.
      testTimeout: long ? 600_000 : 60_000,
      hookTimeout: 60_000,
      teardownTimeout: 10_000,
      restoreMocks: true,
      unstubEnvs: true,
      reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    },
  };
});
