/** The agent on Node 20 trains to the same bits as on this Node in every encoding. */
import { ENCODINGS } from '../main/core/compression/encoding.ts';
import { trainsOnOldNode } from './old-node.contract.ts';

trainsOnOldNode(ENCODINGS);
