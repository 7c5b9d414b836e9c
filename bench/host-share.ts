/** How much of the host other programs had during a measurement: what no figure of ours can be held against. Linux. */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const TICKS_PER_SECOND = 100;

interface Reading {
  atMs: number;
  /** Of all processors, in seconds of computing. */
  all: number;
  ours: number;
}

/** Null where the system does not tell. */
export function readHost(): Reading | null {
  try {
    const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = (
      readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
    )
      .split(/\s+/)
      .slice(1)
      .map(Number);
    const all = (user + nice + system + irq + soft) / TICKS_PER_SECOND;
    return { atMs: performance.now(), all, ours: secondsOfTree(process.pid) };
  } catch {
    return null;
  }
}

/** Share of the host's processors, 0 … 1, that went to programs that are not ours. */
export function othersShare(before: Reading | null, after: Reading | null): number | null {
  if (before === null || after === null) return null;
  const others = after.all - before.all - (after.ours - before.ours);
  return Math.max(0, (1000 * others) / (after.atMs - before.atMs) / availableParallelism());
}

/** A process and everything that it started and that is still there. */
function secondsOfTree(root: number): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ');
        const ticks = Number(fields[11]) + Number(fields[12]);
        return [{ pid: Number(name), parent: Number(fields[1]), ticks }];
      } catch {
        return []; // ended in between
      }
    });
  const ours = new Set([root]);
  for (let before = 0; before !== ours.size;) {
    before = ours.size;
    for (const { pid, parent } of processes) if (ours.has(parent)) ours.add(pid);
  }
  return processes.reduce((sum, { pid, ticks }) => sum + (ours.has(pid) ? ticks : 0), 0) / TICKS_PER_SECOND;
}
