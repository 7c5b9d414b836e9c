/** What there is to choose from; asked once, and again when an answer failed. */
import { useEffect } from 'react';
import type { Catalogue } from '../../../main/core/api.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { ask } from '../../state/control-plane.ts';
import { createStore, useStore } from '../../state/store.ts';

export const catalogue = createStore<{ value: Catalogue | null; error: ErrorReport | null }>({
  value: null,
  error: null,
});

export function loadCatalogue(): void {
  void ask('app.catalogue', {}).then((answer) =>
    catalogue.set(answer.ok ? { value: answer.value, error: null } : { value: null, error: answer.error }),
  );
}

export function useCatalogue(): Catalogue | null {
  const { value } = useStore(catalogue);
  useEffect(() => {
    if (catalogue.get().value === null) loadCatalogue();
  }, []);
  return value;
}
