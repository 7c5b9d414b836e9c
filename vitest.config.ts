import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const FOLDERS = ['main', 'electron', 'renderer', 'tests', 'scripts'];
/** What keeps no state and touches no host: its files share a process. */
const PURE = ['main/core', 'main/report'];

/** What starts programs takes longest: begun last, it would be waited for alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/tests/');
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

/**
 * `npm test` runs everything but the long tests; `npm run test:long` runs only those.
 * CADUCEUS_TEST_REPORT names a file that also gets the result as JSON.
 */
export default defineConfig(({ mode }) => {
  const report = process.env['CADUCEUS_TEST_REPORT'];
  const long = mode === 'long';
  const suffix = long ? 'long.test.ts' : 'test.ts';
  const testsIn = (folders: readonly string[]): string[] => folders.map((folder) => `${folder}/**/*.${suffix}`);
  const exclude = [...configDefaults.exclude, ...(long ? [] : ['**/*.long.test.ts'])];
  return {
    test: {
      projects: [
        { extends: true, test: { name: 'pure', include: testsIn(PURE), exclude, isolate: false } },
        { extends: true, test: { name: 'hosts', include: testsIn(FOLDERS), exclude: [...exclude, ...testsIn(PURE)] } },
      ],
      environment: 'node',
      // Processes, not threads: a native engine in a worker thread takes the whole run down with it.
      pool: 'forks',
      // Twice what CI has of cores: most of the slow tests wait for a device, a browser or a worker.
      maxWorkers: 4,
      sequence: { sequencer: LongestFirst },
      // A rule must not fail because the machine is busy with something else.
      testTimeout: long ? 600_000 : 180_000,
      hookTimeout: 180_000,
      teardownTimeout: 10_000,
      restoreMocks: true,
      unstubEnvs: true,
      reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    },
  };
});
