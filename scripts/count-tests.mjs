/**
 * Prints `N passed, N failed` from vitest's JSON report: `node scripts/count-tests.mjs <report> <exit code>`.
 * What failed without being a test (a file that does not load, an error outside any test, a run that
 * was cut off) counts as one failure, so that the line never looks better than the run was.
 */
import { existsSync, readFileSync } from 'node:fs';

const [report = '', exitCode = '0'] = process.argv.slice(2);

let passed = 0;
let failed = 0;
if (existsSync(report)) {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  passed = result.numPassedTests;
  failed = result.numFailedTests;
  for (const { status, assertionResults } of result.testResults) {
    const named = assertionResults.some((/** @type {{ status: string }} */ test) => test.status === 'failed');
    if (status === 'failed' && !named) failed += 1;
  }
}
if (exitCode !== '0' && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
