/** The package's test of itself under plain Node: `node package-test.cjs RESOURCES HOME`; prints what was found as JSON. */
import { dirname } from 'node:path';
import { testPackage } from './package-test.ts';
import { places } from './places.ts';

const [resources, home = ''] = process.argv.slice(2);
const { programs } = places(dirname(import.meta.dirname), resources, process.platform);
void testPackage({ programs }, home).then((findings) => {
  process.stdout.write(`${JSON.stringify(findings)}\n`);
});
