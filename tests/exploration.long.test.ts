/** All orders of events within larger bounds than `npm test` explores. */
import { MEDIUM_SCOPES } from '../scripts/exploration/scopes.ts';
import { allOrdersOf } from './exploration.contract.ts';

allOrdersOf(MEDIUM_SCOPES);
