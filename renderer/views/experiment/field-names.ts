/** What the fields of the form are called, by the setting that they stand for. */
const NAMES: Readonly<Record<string, string>> = {
  name: 'Name of the run',
  policy: 'Policy',
  allocation: 'Rows are shared out',
  model: 'Model',
  modelSpec: 'Model',
  dataset: 'Data set',
  'dataset.dataDir': 'Folder of its files',
  'dataset.trainRows': 'Training rows',
  'dataset.testRows': 'Test rows',
  'workers.local': 'On this computer',
  'workers.speeds': 'Their relative speeds',
  'workers.engine': 'Engine',
  'workers.devices': 'Devices',
  batch: 'Mini-batch',
  learningRate: 'Learning rate η',
  momentum: 'Momentum',
  seed: 'Seed',
  validationRows: 'Validation rows',
  evaluateEveryMs: 'Evaluate at most every',
  encoding: 'Updates, to the server',
  encodingDown: 'Models, to the workers',
  'stop.targetAccuracy': 'Validation accuracy reaches',
  'stop.maxSeconds': 'Time has passed',
  'stop.maxIterations': 'Iterations are done',
};

/** Of the setting or of the nearest one around it; null where the form has no field for it. */
export function fieldName(path: string): string | null {
  if (path.startsWith('options.')) return path.slice('options.'.length);
  const parts = path.split('.');
  for (let length = parts.length; length > 0; length--) {
    const name = NAMES[parts.slice(0, length).join('.')];
    if (name !== undefined) return name;
  }
  return null;
}
