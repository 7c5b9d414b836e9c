/** The result of `train` under every policy: all fields of the contract, sums that add up, and a log that replays. */
import { POLICIES } from '../main/core/policy/registry.ts';
import { trainsUnder } from './cli-train.contract.ts';

trainsUnder(POLICIES.map(({ name }) => name));
