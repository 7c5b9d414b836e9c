/** A child process that makes the reports it is asked for, once, and ends. */
import { reportError } from '../core/errors.ts';
import { openStore } from '../store/runs.ts';
import { makeReports } from './report-making.ts';
import type { FromReporter, ReportOrder } from './report-messages.ts';

/** Ends with what was said last, which has to be on its way by then. */
const last = (message: FromReporter): void => void process.send?.(message, () => process.disconnect());

process.on('disconnect', () => process.exit());
// Ctrl-C at a terminal reaches the whole group; how this process ends is its parent's to decide.
process.on('SIGINT', () => undefined);
process.once('message', (order: ReportOrder) => {
  try {
    const store = openStore(order.home);
    try {
      makeReports(store, order, (files) => process.send?.({ is: 'format', files } satisfies FromReporter));
    } finally {
      store.close();
    }
    last({ is: 'done' });
  } catch (error) {
    last({ is: 'failed', error: reportError(error) });
  }
});
