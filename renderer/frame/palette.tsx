import { useId, useMemo, useState, type KeyboardEvent } from 'react';
import { Icon } from '../components/icon.tsx';
import { commands, matching } from '../state/commands.ts';
import { createStore, useStore } from '../state/store.ts';
import { keysInWords } from './shortcuts.ts';
import '../components/dialog.css';
import './palette.css';

export const paletteOpen = createStore(false);

/** Everything that can be done, found by typing. */
export function Palette() {
  return useStore(paletteOpen) ? <OpenPalette /> : null;
}

function OpenPalette() {
  const all = useStore(commands);
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const found = useMemo(() => matching(all, typed), [all, typed]);
  const chosen = Math.min(at, found.length - 1);

  const onKeyDown = (event: KeyboardEvent): void => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move !== undefined) {
      event.preventDefault();
      const next = (chosen + move + found.length) % Math.max(1, found.length);
      setAt(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(chosen);
    }
  };
  const run = (index: number): void => {
    paletteOpen.set(false);
    // After the dialog has given the focus back, so that a command may take it.
    setTimeout(() => found[index]?.run());
  };

  return (
    <dialog
      className="modal palette"
      aria-label="Commands"
      ref={(dialog) => {
        if (dialog === null || dialog.open) return;
        dialog.showModal();
        return () => dialog.close();
      }}
      onCancel={(event) => {
        event.preventDefault();
        paletteOpen.set(false);
      }}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) paletteOpen.set(false);
      }}
    >
      <div className="modal-frame" onKeyDown={onKeyDown}>
        <div className="palette-search">
          <Icon name="search" />
          <input
            autoFocus
            role="combobox"
            aria-label="Find a command"
            aria-expanded
            aria-controls={`${id}-list`}
            aria-activedescendant={found.length > 0 ? `${id}-${chosen}` : undefined}
            aria-autocomplete="list"
            placeholder="What do you want to do?"
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setAt(0);
            }}
          />
        </div>
        <ul id={`${id}-list`} role="listbox" aria-label="Commands" className="palette-list">
          {found.map((command, index) => (
            <li
              key={command.id}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              onMouseMove={() => setAt(index)}
              onClick={() => run(index)}
            >
              <span className="palette-group">{command.group}</span>
              <span>{command.title}</span>
              {command.keys !== undefined && <kbd>{keysInWords(command.keys)}</kbd>}
            </li>
          ))}
        </ul>
        {found.length === 0 && <p className="palette-none">No command has these words.</p>}
      </div>
    </dialog>
  );
}
