/**
 * `npm run planted-bugs`: do the tests notice? Plants one bug after the other in a copy of the working
 * tree, runs the tests that must catch it, and says which did not. Exit code 1 if any bug survives.
 *
 *     npm run planted-bugs -- [--only NAME[,NAME…]] [--list]
 */
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { PLANTED_BUGS } from './planted-bugs/catalogue.ts';
import { Workshop } from './planted-bugs/workshop.ts';

const { values } = parseArgs({ options: { only: { type: 'string' }, list: { type: 'boolean', default: false } } });
const names = values.only?.split(',');
const unknown = (names ?? []).filter((name) => !PLANTED_BUGS.some((bug) => bug.name === name));
if (unknown.length > 0) {
  console.error(`planted-bugs: there is no bug ${unknown.join(', ')}; --list shows them all`);
  process.exit(2);
}
const bugs = PLANTED_BUGS.filter(({ name }) => names?.includes(name) ?? true);

if (values.list) {
  for (const { name, file, breaks } of bugs) console.log(`${name}\n    ${file}\n    ${breaks}`);
  console.log(`${bugs.length} bugs`);
} else {
  process.exitCode = await plantAll();
}

async function plantAll(): Promise<number> {
  const startedMs = performance.now();
  const workshop = await Workshop.open(dirname(import.meta.dirname));
  try {
    const tests = new Set(bugs.flatMap((bug) => bug.tests));
    console.log(`First ${tests.size} test files without any bug, which must pass.`);
    await workshop.checkTests([...tests]);
    const survivors: string[] = [];
    for (const bug of bugs) {
      const { caught, by, seconds } = await workshop.plant(bug);
      if (!caught) survivors.push(bug.name);
      const line = `${caught ? 'caught  ' : 'SURVIVED'}  ${bug.name.padEnd(40)} ${seconds.toFixed(1).padStart(5)} s  `;
      console.log(line + (caught ? by : `${by} (${bug.file}: ${bug.breaks})`));
    }
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
    console.log(`\n${bugs.length - survivors.length}/${bugs.length} caught in ${seconds} s`);
    if (survivors.length > 0) console.log(`survived: ${survivors.join(', ')}`);
    return survivors.length === 0 ? 0 : 1;
  } finally {
    await workshop.close();
  }
}
