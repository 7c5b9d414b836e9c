/** What workers send of their training: checked, counted, put on record, and told to the policy. */
import type { PushReceiver } from './compression/uplink.ts';
import type { Conductor } from './conductor.ts';
import type { GlobalModel } from './global-model.ts';
import type { Outbox } from './outbox.ts';
import { isFinite, type Vector } from './parameters.ts';
import type { Carry } from './policy/policy.ts';
import type { WorkerMessage } from './protocol/messages.ts';
import { protocolError } from './protocol/shape.ts';
import { MAX_PUSHES_PER_WORKER, type PushTable } from './push-table.ts';
import type { Member } from './roster.ts';
import type { Tally } from './tally.ts';

/** Refused pushes after which a worker is sent away. */
const MAX_REJECTIONS = 3;

type IterationMessage = WorkerMessage & { kind: 'push' | 'report' | 'flag' };

interface IntakeParts {
  carry: Carry;
  model: GlobalModel;
  uplink: PushReceiver;
  pushes: PushTable;
  conductor: Conductor;
  tally: Tally;
  outbox: Outbox;
  sendAway(member: Member, toWorker: string, onRecord: string): void;
}

export class Intake {
  readonly #parts: IntakeParts;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** @throws CAD-PROTOCOL; nothing has changed then. */
  take(member: Member, message: IterationMessage): void {
    if (member.state !== 'active') throw protocolError(`a ${message.kind} before the worker was ready`);
    if (message.sequence <= member.lastSequence) {
      const { worker } = member;
      this.#parts.outbox.incident('warning', 'rejected', `A repeated ${message.kind} was ignored`, worker);
      return;
    }
    if (member.waits && !(message.kind === 'push' && member.isCollecting)) {
      throw protocolError(`a ${message.kind} from a worker that has not been let go on`);
    }
    this.#iterated(member, message);
  }

  #iterated(member: Member, message: IterationMessage): void {
    const { conductor, model, outbox, pushes, tally } = this.#parts;
    const { worker } = member;
    const { iteration, sequence, kind } = message;
    const vector = kind === 'push' ? this.#decodePush(member, message) : undefined;
    member.lastSequence = sequence;
    member.waits = kind === 'flag' || (kind === 'push' && message.waits);
    tally.count(iteration);
    outbox.record({ type: 'iteration', worker, pushed: kind === 'push', iteration });
    const nowMs = outbox.elapsedMs;
    if (kind !== 'push') {
      conductor.inform({ type: kind === 'flag' ? 'flagged' : 'reported', nowMs, worker, iteration });
    } else if (vector === undefined || !isFinite(vector)) {
      this.#reject(member);
    } else {
      const { baseVersion, payload } = message;
      const push = pushes.add({ worker, sequence, baseVersion, vector, iteration, bytes: payload.length });
      const staleness = model.version - baseVersion;
      const { waits } = message;
      conductor.inform({ type: 'pushed', nowMs, worker, push: push.id, staleness, waits, iteration });
    }
  }

  #decodePush({ worker }: Member, message: WorkerMessage & { kind: 'push' }): Vector {
    const { carry, model, pushes, uplink } = this.#parts;
    const { baseVersion, iteration } = message;
    if (carry === 'gradient' && iteration.samples < 1) throw protocolError('a gradient of no rows');
    if (baseVersion > model.version) throw protocolError('a push from a version that does not exist');
    if (pushes.countOf(worker) >= MAX_PUSHES_PER_WORKER) throw protocolError('too many undecided pushes');
    return uplink.decode(worker, message, model.parameters.length);
  }

  #reject(member: Member): void {
    const { conductor, outbox, sendAway } = this.#parts;
    const { worker } = member;
    member.rejections += 1;
    outbox.incident('warning', 'rejected', 'A push with values that are not finite was refused', worker);
    conductor.inform({ type: 'rejected', nowMs: outbox.elapsedMs, worker });
    if (member.rejections < MAX_REJECTIONS) return;
    member.away = 'refused';
    sendAway(member, 'too many refused pushes', `${MAX_REJECTIONS} of its pushes were refused`);
  }
}
