import { DEPLOY_STEPS } from '../main/core/device.ts';
import { interruptedDeployments } from './deploy-interrupted.contract.ts';

interruptedDeployments(20, ['probe', 'upload', 'verify', 'start', 'handshake'], DEPLOY_STEPS);
