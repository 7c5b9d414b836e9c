/** The agent on Node 20, in the encoding for which it needs code of its own; every encoding: old-node.long.test.ts. */
import { trainsOnOldNode } from './old-node.contract.ts';

trainsOnOldNode(['f16']);
