import { useState } from 'react';
import type { DeviceQuestion } from '../../../main/core/device.ts';
import { timestamp } from '../../../main/core/display/format.ts';
import { Button } from '../../components/button.tsx';
import { Snippet } from '../../components/copy-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Checkbox } from '../../components/field.tsx';

interface ChangedKeyDialogProps {
  name: string;
  question: DeviceQuestion & { kind: 'key-changed' };
  onClose: () => void;
  onReplace: () => void;
}

/** Old key and new one beside each other. The default is to do nothing; replacing wants a reason said out loud. */
export function ChangedKeyDialog({ name, question, onClose, onReplace }: ChangedKeyDialogProps) {
  const [reinstalled, setReinstalled] = useState(false);
  return (
    <Dialog
      tone="bad"
      title={`${name} shows another host key`}
      onClose={onClose}
      actions={
        <>
          <Button kind="primary" autoFocus onClick={onClose}>
            Cancel
          </Button>
          <Button
            kind="danger"
            disabled={!reinstalled}
            onClick={() => {
              onClose();
              onReplace();
            }}
          >
            Replace the trusted key
          </Button>
        </>
      }
    >
      <dl className="keys">
        <dt>
          {question.trustedSince === null ? 'In known_hosts' : `Trusted since ${timestamp(question.trustedSince)}`}
        </dt>
        <dd>
          <Snippet text={question.trustedFingerprint} label="Copy the trusted fingerprint" />
        </dd>
        <dt>Shown now, {question.keyType}</dt>
        <dd>
          <Snippet text={question.fingerprint} label="Copy the new fingerprint" />
        </dd>
      </dl>
      <p>
        {question.knownToTailnet
          ? 'The tailnet lists the new key for this node, which speaks for a reinstalled system.'
          : 'Nothing vouches for the new key. Somebody between you and the device could show such a key as well.'}
      </p>
      <p className="muted">To see the device’s own key, run there:</p>
      <Snippet text={question.checkCommand} label="Copy the command" />
      <Checkbox
        label="This device was reinstalled, or its storage was replaced"
        hint="Only then is another key to be expected."
        checked={reinstalled}
        onChange={setReinstalled}
      />
    </Dialog>
  );
}
