import { useEffect, useState } from 'react';
import { Button, IconButton } from './button.tsx';
import { showToast } from '../state/toasts.ts';
import './copy-button.css';

const SHOW_DONE_MS = 1600;

/** Puts text on the clipboard and says so. */
export function CopyButton({ text, label, iconOnly = false }: { text: string; label: string; iconOnly?: boolean }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), SHOW_DONE_MS);
    return () => clearTimeout(timer);
  }, [done]);

  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setDone(true),
      () => showToast('The clipboard cannot be written; select the text and copy it.', { tone: 'bad' }),
    );
  };
  if (iconOnly)
    return <IconButton size="small" icon={done ? 'check' : 'copy'} label={done ? 'Copied' : label} onClick={copy} />;
  return (
    <Button size="small" icon={done ? 'check' : 'copy'} onClick={copy}>
      {done ? 'Copied' : label}
    </Button>
  );
}

/** A command or a fingerprint as it is to be typed or compared, with a way to copy it. */
export function Snippet({ text, label }: { text: string; label: string }) {
  return (
    <div className="snippet">
      <code>{text}</code>
      <CopyButton iconOnly text={text} label={label} />
    </div>
  );
}
