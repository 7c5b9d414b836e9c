/** What only the user can answer, at the head of a device's panel. A step of its deployment waits for it. */
import { useState, type ReactNode } from 'react';
import { mayOpenOutside } from '../../../main/core/outside-page.ts';
import type { DeviceAnswer, DeviceQuestion, DeviceView } from '../../../main/core/device.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton, Snippet } from '../../components/copy-button.tsx';
import { Checkbox, TextField } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { perform } from '../../state/control-plane.ts';
import { ChangedKeyDialog } from './changed-key-dialog.tsx';
import { compareFingerprints } from './fingerprint.ts';

type Asked<Kind extends DeviceQuestion['kind']> = DeviceQuestion & { kind: Kind };
type Answer = (answer: DeviceAnswer) => void;

export function Question({ device }: { device: DeviceView }) {
  const { question } = device;
  if (question === null) return null;
  const answer: Answer = (given) => void perform('devices.answer', { device: device.id, answer: given });
  const refuse = (): void => answer({ kind: 'refuse', question: question.question });
  switch (question.kind) {
    case 'trust':
      return <Trust key={question.question} {...{ question, answer, refuse }} />;
    case 'key-changed':
      return <KeyChanged key={question.question} {...{ device, question, answer, refuse }} />;
    case 'secret':
      return <Secret key={question.question} {...{ device, question, answer, refuse }} />;
    case 'open-url':
      return <OpenUrl key={question.question} {...{ question, refuse }} />;
  }
}

function Asking({ title, tone = 'warn', children }: { title: string; tone?: 'warn' | 'bad'; children: ReactNode }) {
  return (
    <section className={`question ${tone}`} aria-label={title} role="status">
      <h3>
        <Icon name={tone === 'bad' ? 'warning' : 'question'} />
        {title}
      </h3>
      {children}
    </section>
  );
}

function Trust({ question, answer, refuse }: { question: Asked<'trust'>; answer: Answer; refuse: () => void }) {
  const [pasted, setPasted] = useState('');
  const verdict = compareFingerprints(question.fingerprint, pasted);
  return (
    <Asking title="First contact: is this your machine?">
      <p className="question-key">
        <span className="muted">{question.keyType}</span>
      </p>
      <Snippet text={question.fingerprint} label="Copy the fingerprint" />
      <p>
        {question.knownToTailnet
          ? 'The tailnet lists the same key for this node.'
          : 'Nothing vouches for this key yet. Compare it once; afterwards a change is noticed.'}
      </p>
      <p className="muted">To see it on the device itself, run there:</p>
      <Snippet text={question.checkCommand} label="Copy the command" />
      <TextField
        label="Paste what it prints to compare"
        mono
        value={pasted}
        onChange={setPasted}
        error={verdict === 'different' ? 'This is another key. Do not trust it.' : undefined}
        hint={verdict === 'same' ? <span className="tone-good">The same key.</span> : undefined}
      />
      <div className="question-actions">
        <Button
          kind="primary"
          disabled={verdict === 'different'}
          onClick={() => answer({ kind: 'trust', question: question.question, fingerprint: question.fingerprint })}
        >
          Trust this key
        </Button>
        <Button onClick={refuse}>Not mine</Button>
      </div>
    </Asking>
  );
}

interface ChangedProps {
  device: DeviceView;
  question: Asked<'key-changed'>;
  answer: Answer;
  refuse: () => void;
}

function KeyChanged({ device, question, answer, refuse }: ChangedProps) {
  const [comparing, setComparing] = useState(false);
  return (
    <Asking title="Its host key has changed" tone="bad">
      <p>
        {device.name} shows another key than the one you trust. Either it was reinstalled, or something stands between
        you and it. Nothing has been sent.
      </p>
      <div className="question-actions">
        <Button onClick={refuse}>Do not connect</Button>
        <Button onClick={() => setComparing(true)}>Compare the keys…</Button>
      </div>
      {comparing && (
        <ChangedKeyDialog
          name={device.name}
          question={question}
          onClose={() => setComparing(false)}
          onReplace={() =>
            answer({ kind: 'replace-key', question: question.question, fingerprint: question.fingerprint })
          }
        />
      )}
    </Asking>
  );
}

interface SecretProps {
  device: DeviceView;
  question: Asked<'secret'>;
  answer: Answer;
  refuse: () => void;
}

const SECRET_TITLES = { password: 'Password', passphrase: 'Passphrase of the key', answer: 'Reply' } as const;

function Secret({ device, question, answer, refuse }: SecretProps) {
  const [value, setValue] = useState('');
  const [remember, setRemember] = useState(false);
  const title = SECRET_TITLES[question.secret];
  return (
    <Asking title={question.secret === 'answer' ? `${device.name} asks` : `${title} wanted`}>
      {question.prompt !== '' && <p className="device-says">{question.prompt}</p>}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          answer({ kind: 'secret', question: question.question, value, remember });
        }}
      >
        <TextField
          label={title}
          type={question.isShown ? 'text' : 'password'}
          autoFocus
          value={value}
          onChange={setValue}
        />
        {question.canRemember ? (
          <Checkbox label="Keep it in the system's key store" checked={remember} onChange={setRemember} />
        ) : (
          <p className="muted">It is kept in memory until the program ends, and never written to disk.</p>
        )}
        <div className="question-actions">
          <Button kind="primary" type="submit">
            Send
          </Button>
          <Button onClick={refuse}>Cancel</Button>
        </div>
      </form>
    </Asking>
  );
}

function OpenUrl({ question, refuse }: { question: Asked<'open-url'>; refuse: () => void }) {
  const safe = mayOpenOutside(question.url);
  return (
    <Asking title="A login is wanted">
      <p>Tailscale SSH asks you to confirm this connection in a browser:</p>
      <Snippet text={question.url} label="Copy the address" />
      <div className="question-actions">
        {safe ? (
          <a className="button primary normal" href={question.url} target="_blank" rel="noreferrer noopener">
            Open the page
          </a>
        ) : (
          <CopyButton text={question.url} label="Copy the address" />
        )}
        <Button onClick={refuse}>Cancel</Button>
      </div>
    </Asking>
  );
}
