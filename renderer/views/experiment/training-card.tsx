import { ENCODINGS } from '../../../main/core/compression/encoding.ts';
import { ALLOCATIONS } from '../../../main/core/policy/allocated.ts';
import { ALLOCATION_CHOICES, allocationMeaning } from '../../../main/core/policy/allocation-words.ts';
import { Card } from '../../components/card.tsx';
import { DraftNumber, DraftSelect, DraftText, useDraft } from './draft-fields.tsx';

const ENCODING_WORDS: Readonly<Record<string, string>> = {
  f32: 'f32: 4 bytes a value, exact',
  f16: 'f16: 2 bytes a value, what it loses is lost',
  bf16: 'bf16: 2 bytes a value, with error feedback',
  int8: 'int8: 1 byte a value, with error feedback',
  topk: 'topk: the largest hundredth, with error feedback',
};
const CHOICES = ENCODINGS.map((encoding) => ({ value: encoding, label: ENCODING_WORDS[encoding] ?? encoding }));

/** How the model learns, whatever the policy. */
export function OptimizerCard() {
  return (
    <Card title="Training" note="Plain SGD on every worker">
      <div className="fields">
        <DraftText path="name" label="Name of the run" fallback="policy and data set" />
        <DraftNumber path="batch" label="Mini-batch" unit="rows" hint="Where every worker starts." />
        <DraftNumber path="learningRate" label="Learning rate η" />
        <DraftNumber path="momentum" label="Momentum" />
        <DraftNumber path="seed" label="Seed" hint="The same seed draws the same rows and first model." />
        <DraftNumber path="validationRows" label="Validation rows" unit="rows" hint="Cut from the training set." />
        <DraftNumber path="evaluateEveryMs" label="Evaluate at most every" unit="ms" />
      </div>
    </Card>
  );
}

/** How many rows each worker gets, beside whatever the policy says of pushing and waiting. */
export function AllocationCard() {
  const policy = useDraft('policy');
  const given = useDraft('allocation');
  const chosen = ALLOCATIONS.find((each) => each === given) ?? 'policy';
  return (
    <Card title="Allocation" note="Rows and mini-batch of each worker; goes with any policy">
      <div className="choice">
        <DraftSelect path="allocation" label="Rows are shared out" options={ALLOCATION_CHOICES} fallback="policy" />
        <p aria-live="polite">{allocationMeaning(chosen, typeof policy === 'string' ? policy : '')}</p>
      </div>
    </Card>
  );
}

/** What a value costs on the wire. */
export function EncodingCard() {
  return (
    <Card title="Communication" note="Error feedback sends with the next message what an encoding has lost">
      <div className="fields">
        <DraftSelect path="encoding" label="Updates, to the server" options={CHOICES} fallback="f32" />
        <DraftSelect path="encodingDown" label="Models, to the workers" options={CHOICES} none="As updates" />
      </div>
    </Card>
  );
}

export function StopCard() {
  return (
    <Card title="Stop when" note="Whichever comes first">
      <div className="fields">
        <DraftNumber
          path="stop.targetAccuracy"
          label="Validation accuracy reaches"
          fallback="no target"
          hint="A share, from 0 to 1."
        />
        <DraftNumber path="stop.maxSeconds" label="Time has passed" unit="s" />
        <DraftNumber
          path="stop.maxIterations"
          label="Iterations are done"
          fallback="no limit"
          hint="Local iterations, of all workers."
        />
      </div>
    </Card>
  );
}
