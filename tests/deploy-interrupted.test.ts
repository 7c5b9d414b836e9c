import { interruptedDeployments } from './deploy-interrupted.contract.ts';

/** The long test does all of them. */
interruptedDeployments(1, ['handshake'], ['upload']);
