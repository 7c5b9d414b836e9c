/** In place of the window, where the host has not let this browser in. */
import type { ReactNode } from 'react';
import { bridge } from '../state/control-plane.ts';
import { useStore } from '../state/store.ts';
import './admission-gate.css';

export function AdmissionGate({ children }: { children: ReactNode }) {
  const { state } = useStore(bridge().connection);
  if (state !== 'refused') return children;
  return (
    <main className="admission-gate">
      <h1>This window has not been let in</h1>
      <p>
        Each address that <code>caduceus serve</code> prints lets in one browser, until the program ends. Open a new
        one: press Enter where the program runs, or start it again.
      </p>
    </main>
  );
}
