/** Ctrl K: assets, problems, pages and commands by a few letters. Enter goes, Tab lists what else can be done. */
import { Dialog as Base } from '@base-ui/react/dialog';
import { Search } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { Icon } from '../ui/icon.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { useReturnFocus } from '../ui/return-focus.ts';
import { StatusIcon } from '../ui/status.tsx';
import { takeHeldKeys } from './keys.ts';
import styles from './palette.module.css';
import { type Entry, type RankedEntry, rankEntries, useEntries } from './palette-entries.ts';

export function Palette({ onClose }: { readonly onClose: () => void }) {
  const finalFocus = useReturnFocus(true);
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const [actionsOf, setActionsOf] = useState<Entry | undefined>();
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const entries = useEntries(text, onClose);
  const ranked = useMemo(
    () => (actionsOf === undefined ? rankEntries(entries, text) : rankEntries(actionsOf.actions ?? [], text)),
    [entries, text, actionsOf],
  );
  const index = Math.min(active, ranked.length - 1);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the active row is kept in sight when it changes
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [index, ranked]);

  const move = (by: number) => setActive((index + by + ranked.length) % Math.max(ranked.length, 1));
  const type = (next: string) => {
    setText(next);
    setActive(0);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const entry = ranked[index]?.entry;
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter') entry?.run();
    else if (event.key === 'Tab' && actionsOf === undefined && entry?.actions !== undefined) {
      setActionsOf(entry);
      type('');
    } else if (event.key === 'Backspace' && text === '' && actionsOf !== undefined) setActionsOf(undefined);
    else if (event.key !== 'Tab') return;
    event.preventDefault();
  };

  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles['backdrop']} />
        <Base.Popup className={styles['palette']} finalFocus={finalFocus} data-modal aria-label="Search or jump to">
          <div className={styles['query']}>
            <Icon of={Search} />
            {actionsOf !== undefined && <span className={styles['scope']}>{actionsOf.label}</span>}
            <input
              type="text"
              role="combobox"
              aria-label="Search or jump to"
              aria-expanded="true"
              aria-controls={listId}
              aria-activedescendant={ranked.length === 0 ? undefined : `${listId}-${index}`}
              aria-autocomplete="list"
              autoComplete="off"
              spellCheck={false}
              // biome-ignore lint/a11y/noAutofocus: typing is what it was opened for
              autoFocus
              value={text}
              onFocus={() => type(text + takeHeldKeys())}
              placeholder={actionsOf === undefined ? 'Asset, problem, page, command' : 'What to do'}
              onChange={(event) => type(event.target.value)}
              onKeyDown={onKeyDown}
            />
          </div>
          <div className={styles['list']} role="listbox" id={listId} aria-label="Results" ref={list} tabIndex={-1}>
            {ranked.length === 0 && <p className={styles['none']}>Nothing by that name</p>}
            {ranked.map((item, position) => (
              <Row
                key={item.entry.id}
                item={item}
                id={`${listId}-${position}`}
                active={position === index}
                heading={ranked[position - 1]?.entry.group === item.entry.group ? undefined : item.entry.group}
                point={() => setActive(position)}
              />
            ))}
          </div>
          <div className={styles['foot']}>
            <span>
              <Kbd keys="Enter" /> go
            </span>
            <span>
              <Kbd keys="Tab" /> {actionsOf === undefined ? 'more to do with it' : 'only actions'}
            </span>
            <span>
              <Kbd keys="Escape" /> close
            </span>
          </div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

interface RowProps {
  readonly item: RankedEntry;
  readonly id: string;
  readonly active: boolean;
  readonly heading: string | undefined;
  readonly point: () => void;
}

function Row({ item: { entry, at }, id, active, heading, point }: RowProps) {
  return (
    <>
      {heading !== undefined && (
        <div className={styles['heading']} role="presentation">
          {heading}
        </div>
      )}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above handles the keys */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus, as a combobox does */}
      <div
        role="option"
        id={id}
        aria-selected={active}
        className={styles['row']}
        onClick={entry.run}
        onPointerMove={point}
      >
        <span className={styles['mark']}>
          {entry.icon !== undefined && <Icon of={entry.icon} />}
          {entry.status !== undefined && <StatusIcon state={entry.status} />}
        </span>
        <span className={styles['label']}>
          <Marked text={entry.label} at={at} />
          {entry.note !== undefined && <span className={styles['note']}>{entry.note}</span>}
        </span>
        {entry.keys !== undefined && <Kbd keys={entry.keys} />}
      </div>
    </>
  );
}

function Marked({ text, at }: { readonly text: string; readonly at: readonly number[] }) {
  if (at.length === 0) return text;
  const marked = new Set(at);
  const parts: { readonly start: number; readonly text: string; readonly hit: boolean }[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const hit = marked.has(index);
    const last = parts.at(-1);
    if (last?.hit === hit) parts[parts.length - 1] = { ...last, text: last.text + text[index] };
    else parts.push({ start: index, text: text[index] ?? '', hit });
  }
  return parts.map((part) => (part.hit ? <mark key={part.start}>{part.text}</mark> : part.text));
}
