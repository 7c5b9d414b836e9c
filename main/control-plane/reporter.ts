/** Has reports made in a process of its own: a long run's take seconds, in which nothing else would be served. */
import { fork } from 'node:child_process';
import type { ReportObserver } from '../core/control-plane-api.ts';
import { CaduceusError } from '../core/errors.ts';
import type { Programs } from './programs.ts';
import type { FromReporter, MadeFile, ReportOrder } from './report-messages.ts';

/** Longer than the longest run's reports take. */
const REPORT_MS = 900_000;

/** @throws CAD-OUTPUT, CAD-CANCELLED; what the reports' making throws */
export function makeElsewhere(
  { reports, node }: Programs,
  order: ReportOrder,
  { signal, onProgress }: ReportObserver,
): Promise<MadeFile[]> {
  const child = fork(reports, {
    execPath: node,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    timeout: REPORT_MS,
    killSignal: 'SIGKILL',
  });
  const files: MadeFile[] = [];
  let done = 0;
  const { promise, resolve, reject } = Promise.withResolvers<MadeFile[]>();
  const tell = (): void => onProgress?.(done, order.formats.length, order.formats[done] ?? '');
  child.on('message', (message: FromReporter) => {
    if (message.is === 'format') {
      files.push(...message.files);
      done += 1;
      tell();
    } else if (message.is === 'done') resolve(files);
    else reject(new CaduceusError(message.error.code, message.error.message, message.error.remedy));
  });
  child.once('error', (error) => reject(ended(error.message)));
  child.once('exit', (code, killed) => reject(ended(killed ?? `exit code ${code}`)));
  const abandoned = (): void => {
    reject(new CaduceusError('CAD-CANCELLED', 'the report was stopped by its user', 'Write it again.'));
    child.kill('SIGKILL');
  };
  signal?.addEventListener('abort', abandoned);
  if (signal?.aborted) abandoned();
  else {
    tell();
    child.send(order);
  }
  return promise.finally(() => signal?.removeEventListener('abort', abandoned));
}

function ended(how: string): CaduceusError {
  return new CaduceusError(
    'CAD-OUTPUT',
    `the process that made the report ended early (${how})`,
    'Write it again; if memory ran out, in one format at a time.',
  );
}
