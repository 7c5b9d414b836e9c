import { useEffect, useState } from 'react';
import type { SavedExperiment } from '../../../main/core/api.ts';
import { timestamp } from '../../../main/core/display/format.ts';
import { downloadText } from '../../charts/download.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { TextField } from '../../components/field.tsx';
import { Menu } from '../../components/menu.tsx';
import { useCommand } from '../../state/commands.ts';
import { ask, follow, perform } from '../../state/control-plane.ts';
import { showToast } from '../../state/toasts.ts';
import { draft, FIRST_CONFIG, readExperimentFile, setDraft, type JsonObject } from './draft.ts';
import './saved-menu.css';

type Open = 'open' | 'save' | null;

const MAX_FILE_BYTES = 1_000_000;

/** Experiments are kept by the control plane, and travel as JSON. */
export function SavedMenu() {
  const [open, setOpen] = useState<Open>(null);
  useCommand({ title: 'Open an experiment', group: 'Experiment', run: () => setOpen('open') });
  useCommand({ title: 'Save the experiment', group: 'Experiment', run: () => setOpen('save') });
  return (
    <>
      <Menu
        label="Experiment"
        items={[
          {
            label: 'New',
            icon: 'plus',
            onSelect: () => {
              const before = draft.get();
              setDraft({ saved: null, config: FIRST_CONFIG });
              showToast('A new experiment.', { action: { label: 'Undo', run: () => setDraft(before) } });
            },
          },
          { label: 'Open…', icon: 'list', onSelect: () => setOpen('open') },
          { label: 'Save…', icon: 'check', onSelect: () => setOpen('save') },
          null,
          { label: 'Open a JSON file…', icon: 'upload', onSelect: chooseFile },
          { label: 'Save as JSON', icon: 'download', onSelect: downloadFile },
        ]}
      >
        File
      </Menu>
      {open === 'open' && <OpenDialog onClose={() => setOpen(null)} />}
      {open === 'save' && <SaveDialog onClose={() => setOpen(null)} />}
    </>
  );
}

function OpenDialog({ onClose }: { onClose: () => void }) {
  const [saved, setSaved] = useState<readonly SavedExperiment[] | null>(null);
  useEffect(
    () =>
      follow('experiments', {}, setSaved, {
        refresh: () =>
          void ask('experiments.list', {}).then((answer) => {
            if (answer.ok) setSaved(answer.value);
          }),
      }),
    [],
  );
  const remove = async ({ id, name }: SavedExperiment): Promise<void> => {
    if ((await perform('experiments.remove', { id })) === undefined) return;
    setSaved((known) => known?.filter((each) => each.id !== id) ?? null);
    showToast(`${name} removed.`, {
      action: { label: 'Undo', run: () => void perform('experiments.restore', { id }) },
    });
  };
  return (
    <Dialog title="Open an experiment" onClose={onClose}>
      {saved?.length === 0 && <EmptyState title="Nothing is saved yet">Save an experiment to find it here.</EmptyState>}
      <ul className="saved">
        {saved?.map((each) => (
          <li key={each.id}>
            <button
              type="button"
              className="saved-open"
              onClick={() => {
                setDraft({ saved: { id: each.id, name: each.name }, config: each.config as JsonObject });
                onClose();
              }}
            >
              <b>{each.name}</b>
              <span className="muted">{timestamp(each.savedAt)}</span>
            </button>
            <Button size="small" kind="danger" onClick={() => void remove(each)}>
              Remove
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function SaveDialog({ onClose }: { onClose: () => void }) {
  const known = draft.get();
  const [name, setName] = useState(known.saved?.name ?? nameOf(known.config) ?? '');
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    if (name.trim() === '') return;
    setBusy(true);
    const id = known.saved !== null && known.saved.name === name.trim() ? { id: known.saved.id } : {};
    const saved = await perform('experiments.save', { ...id, name, config: known.config as never });
    setBusy(false);
    if (saved === undefined) return;
    setDraft({ ...draft.get(), saved: { id: saved.id, name: saved.name } });
    showToast(`${saved.name} saved.`, { tone: 'good' });
    onClose();
  };
  return (
    <Dialog
      width="narrow"
      title="Save the experiment"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="save-form" busy={busy} disabled={name.trim() === ''}>
            Save
          </Button>
        </>
      }
    >
      <form
        id="save-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField
          label="Name"
          autoFocus
          maxLength={80}
          value={name}
          onChange={setName}
          hint={
            known.saved !== null && known.saved.name === name.trim()
              ? 'Replaces what is saved under this name.'
              : undefined
          }
        />
      </form>
    </Dialog>
  );
}

function nameOf(config: JsonObject): string | undefined {
  return typeof config['name'] === 'string' ? config['name'] : undefined;
}

function downloadFile(): void {
  const { saved, config } = draft.get();
  const name = (saved?.name ?? nameOf(config) ?? 'experiment').replaceAll(/[^\p{L}\p{N}._-]+/gu, '-');
  downloadText(`${name}.json`, 'application/json', `${JSON.stringify(config, null, 2)}\n`);
}

function chooseFile(): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.json,application/json';
  input.onchange = () => void readFile(input.files?.[0]);
  input.click();
}

async function readFile(file: File | undefined): Promise<void> {
  if (file === undefined) return;
  const before = draft.get();
  try {
    if (file.size > MAX_FILE_BYTES) throw new Error('it is larger than 1 MB');
    setDraft({ saved: null, config: readExperimentFile(await file.text()) });
    showToast(`${file.name} opened.`, { action: { label: 'Undo', run: () => setDraft(before) } });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    showToast(`${file.name} cannot be opened: ${why}.`, { tone: 'bad' });
  }
}
