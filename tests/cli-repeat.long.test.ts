import { repeatsSimulations, repeatsTraining } from './cli-repeat.contract.ts';

repeatsSimulations(['html', 'md', 'tex']);
repeatsTraining();
