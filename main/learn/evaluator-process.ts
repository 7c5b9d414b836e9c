/** The evaluator's child process: holds the rows, opens an engine, judges one model after the other. */
import { present } from '../core/assert.ts';
import { spelled } from '../core/json-numbers.ts';
import { ByteInflow } from './byte-inflow.ts';
import type { Rows } from './datasets/dataset.ts';
import { openEngine } from './engine.ts';
import { evaluateSplit } from './evaluate.ts';
import type { FromEvaluator, RowsHeader, SplitName, ToEvaluator } from './evaluator-protocol.ts';
import { createTrainer, type Trainer } from './trainer.ts';

const inflow = new ByteInflow(process.stdin);
let opened: { trainer: Trainer; rows: Record<SplitName, Rows> } | undefined;

function tell(message: FromEvaluator): void {
  process.send?.(spelled(message));
}

async function rowsOf({ count, featureBytes }: RowsHeader): Promise<Rows> {
  const features = new Uint8Array(await inflow.take(featureBytes));
  return { features, labels: new Uint8Array(await inflow.take(count)), count };
}

async function take(message: ToEvaluator): Promise<void> {
  if (message.type === 'open') {
    const rows = { validation: await rowsOf(message.validation), test: await rowsOf(message.test) };
    opened = { rows, trainer: createTrainer(await openEngine(message.engine), message.model) };
    tell({ type: 'opened' });
    return;
  }
  const { trainer, rows } = present(opened, 'engine');
  const parameters = new Float32Array(await inflow.take(message.parameters * Float32Array.BYTES_PER_ELEMENT));
  const { loss, accuracy, count } = evaluateSplit(trainer, parameters, rows[message.split]);
  tell({ type: 'judged', id: message.id, judgement: { loss, accuracy, rows: count } });
}

process.on('message', (message) => {
  take(message as ToEvaluator).catch((error: unknown) => {
    tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
    process.disconnect();
  });
});
// Whoever asked is gone.
process.on('disconnect', () => process.exit());
// Ctrl-C reaches the whole terminal; the parent ends this process when it is done with it.
process.on('SIGINT', () => undefined);
