import { useEffect } from 'react';
import { useStore } from '../state/store.ts';
import { dismissToast, toasts, type Toast } from '../state/toasts.ts';
import { Button, IconButton } from './button.tsx';
import { Icon } from './icon.tsx';
import './toast.css';

/** Short messages at the foot of the window, said politely; with a way back where something was removed. */
export function ToastShelf() {
  const shown = useStore(toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((toast) => (
        <ToastLine key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastLine({ toast }: { toast: Toast }) {
  useEffect(() => {
    const timer = setTimeout(() => dismissToast(toast.id), toast.showMs);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <div className={`toast ${toast.tone}`}>
      <Icon name={toast.tone === 'bad' ? 'warning' : toast.tone === 'good' ? 'check' : 'info'} />
      <span className="toast-text">{toast.text}</span>
      {toast.action !== undefined && (
        <Button
          size="small"
          onClick={() => {
            dismissToast(toast.id);
            toast.action?.run();
          }}
        >
          {toast.action.label}
        </Button>
      )}
      <IconButton icon="cross" size="small" label="Dismiss" onClick={() => dismissToast(toast.id)} />
    </div>
  );
}
