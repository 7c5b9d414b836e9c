/**
 * Timing without tensors: the machines handle a bowl's four parameters, and the wire, the records and
 * the books say what they would say of the stated model.
 */
import { counterfactualBytes, type Direction } from '../core/accounting.ts';
import { encodedBytes } from '../core/compression/encoding.ts';
import type { RunRecord } from '../core/metrics.ts';
import { modelLayout } from '../core/model.ts';
import type { Message, WorkerPlan } from '../core/protocol/messages.ts';
import type { Wire } from './connection.ts';
import { frameBytes, ownPayloadBytes } from './frame-size.ts';
import { BOWL_MODEL } from './noisy-bowl.ts';

/** What stands in for what in one simulation. */
export interface Stand {
  /** As the machines get it. */
  plan: WorkerPlan;
  wire: Wire;
  /** A record as it would be with the stated model. */
  stated(record: RunRecord): RunRecord;
}

/** Nothing stands in: messages are as large as they are. */
export function trueSizes(plan: WorkerPlan): Stand {
  return {
    plan,
    wire: (message, direction) => frameBytes(message, direction, ownPayloadBytes(message)),
    stated: (record) => record,
  };
}

export function timingOnly(stated: WorkerPlan): Stand {
  const parameters = modelLayout(stated.model).size;
  const plan: WorkerPlan = { ...stated, model: BOWL_MODEL };
  const payloadBytes = (message: Message): number => {
    if (message.kind === 'model' || message.kind === 'push') return encodedBytes(message.encoding, parameters);
    return ownPayloadBytes(message);
  };
  return {
    plan,
    wire(message, direction: Direction) {
      const spoken: Message = message.kind === 'welcome' ? { ...message, plan: stated } : message;
      return frameBytes(spoken, direction, payloadBytes(message));
    },
    stated(record) {
      if (record.type === 'push') return { ...record, bytes: encodedBytes(stated.encoding, parameters) };
      if (record.type !== 'traffic') return record;
      return { ...record, counterfactual: counterfactualBytes(record.iterations, parameters) };
    },
  };
}
