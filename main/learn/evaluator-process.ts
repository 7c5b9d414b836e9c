/** The evaluator's child process: holds the rows, opens an engine, judges one model after the other. */
import { present } from '../core/assert.ts';
import { openEngine } from './engine.ts';
import { evaluateSplit } from './evaluate.ts';
import type { EvaluatorSettings, FromEvaluator, ToEvaluator } from './evaluator-protocol.ts';
import { createTrainer, type Trainer } from './trainer.ts';

let opened: { trainer: Trainer; settings: EvaluatorSettings } | undefined;

function tell(message: FromEvaluator): void {
  process.send?.(message);
}

async function take(message: ToEvaluator): Promise<void> {
  if (message.type === 'open') {
    const { settings } = message;
    opened = { settings, trainer: createTrainer(await openEngine(settings.engine), settings.model) };
    tell({ type: 'opened' });
    return;
  }
  const { trainer, settings } = present(opened, 'engine');
  const { loss, accuracy, count } = evaluateSplit(trainer, message.parameters, settings[message.split]);
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
