/**
 * The filter line of a list: typed with suggestions, an error points at its word, and while nobody types the words are
 * chips that can be taken out one by one. Enter applies; each change is a step to go back to.
 */
import { Search, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useKeys } from '../../app/keys.ts';
import { Icon } from '../icon.tsx';
import styles from './query-line.module.css';
import { checkLine, type QueryField, removeWord, splitLine, suggest } from './words.ts';

export interface QueryLineProps {
  readonly label: string;
  /** An example: `type:host port:22 seen<1h`. */
  readonly placeholder: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly fields: readonly QueryField[];
  /** More values of a field than its declaration knows: what the data holds. */
  readonly valuesOf?: (key: string) => readonly string[];
  /** Keys beyond `fields` that may be asked for. */
  readonly openKeys?: (key: string) => boolean;
  /** What the server said of the line as a whole. */
  readonly serverError?: string | undefined;
}

const NO_KEYS = () => false;

export function QueryLine(props: QueryLineProps) {
  const { label, placeholder, value, onChange, fields, valuesOf, openKeys = NO_KEYS, serverError } = props;
  const [text, setText] = useState(value);
  const [editing, setEditing] = useState(false);
  const [caret, setCaret] = useState(0);
  const [picked, setPicked] = useState(-1);
  const [listOpen, setListOpen] = useState(false);
  const [scrolled, setScrolled] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();

  useEffect(() => setText(value), [value]);
  useKeys([
    {
      keys: '/',
      label: 'Filter',
      group: 'Lists',
      run: () => input.current?.focus(),
    },
  ]);

  const words = useMemo(() => splitLine(value), [value]);
  const error = useMemo(
    () => checkLine(editing ? text : value, fields, openKeys),
    [editing, text, value, fields, openKeys],
  );
  const suggestions = useMemo(
    () => (editing && listOpen ? suggest(text, caret, fields, valuesOf) : []),
    [editing, listOpen, text, caret, fields, valuesOf],
  );
  const open = suggestions.length > 0;
  const wordUnderCaret = error !== undefined && caret >= error.start && caret <= error.end;
  // While the wrong word is still being typed it is not yet wrong.
  const shownError = error !== undefined && !(editing && wordUnderCaret) ? error : undefined;

  const apply = (line: string) => {
    const clean = line.trim().replace(/\s+/g, ' ');
    setText(clean);
    setListOpen(false);
    if (clean !== value && checkLine(clean, fields, openKeys) === undefined) onChange(clean);
  };
  const take = (index: number) => {
    const suggestion = suggestions[index];
    if (suggestion === undefined) return;
    setText(suggestion.line);
    setCaret(suggestion.caret);
    setPicked(-1);
    setListOpen(true);
    requestAnimationFrame(() => input.current?.setSelectionRange(suggestion.caret, suggestion.caret));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setListOpen(true);
      if (!open) return;
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setPicked((picked + step + suggestions.length + (picked < 0 && step < 0 ? 1 : 0)) % suggestions.length);
    } else if (event.key === 'Tab' && open && picked >= 0) {
      event.preventDefault();
      take(picked);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (open && picked >= 0) take(picked);
      else {
        setCaret(-1);
        apply(text);
      }
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      if (open) setListOpen(false);
      else {
        setText(value);
        input.current?.blur();
      }
    }
  };
  const follow = () => {
    const element = input.current;
    if (element === null) return;
    setCaret(element.selectionStart ?? 0);
    setScrolled(element.scrollLeft);
  };

  const shown = editing ? text : '';
  return (
    <search
      className={styles['line']}
      data-editing={editing || undefined}
      data-error={shownError !== undefined || undefined}
    >
      <Icon of={Search} />
      {!editing &&
        words.map((word) => (
          <span key={`${word.start}-${word.value}`} className={styles['chip']} data-negated={word.negated || undefined}>
            <button type="button" className={styles['word']} onClick={() => input.current?.focus()} title="Change">
              {value.slice(word.start, word.end)}
            </button>
            <button
              type="button"
              className={styles['remove']}
              aria-label={`Take out ${value.slice(word.start, word.end)}`}
              onClick={() => onChange(removeWord(value, word))}
            >
              <Icon of={X} size={12} />
            </button>
          </span>
        ))}
      <span className={styles['field']}>
        {editing && shownError !== undefined && (
          <span className={styles['mirror']} aria-hidden="true">
            <span style={{ marginInlineStart: -scrolled }}>
              {text.slice(0, shownError.start)}
              <mark>{text.slice(shownError.start, shownError.end)}</mark>
            </span>
          </span>
        )}
        <input
          ref={input}
          type="text"
          data-filter-line=""
          role="combobox"
          aria-label={label}
          aria-expanded={open}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={open && picked >= 0 ? `${id}-${picked}` : undefined}
          aria-invalid={shownError !== undefined || undefined}
          aria-describedby={shownError === undefined ? undefined : `${id}-error`}
          placeholder={words.length > 0 && !editing ? '' : placeholder}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          value={shown}
          onChange={(event) => {
            setText(event.target.value);
            setCaret(event.target.selectionStart ?? 0);
            setPicked(-1);
            setListOpen(true);
          }}
          onFocus={() => {
            setEditing(true);
            setListOpen(true);
            const end = text === '' ? 0 : text.length + 1;
            if (text !== '') setText(`${text} `);
            requestAnimationFrame(() => {
              input.current?.setSelectionRange(end, end);
              follow();
            });
          }}
          onBlur={() => {
            setEditing(false);
            apply(text);
          }}
          onSelect={follow}
          onScroll={follow}
          onKeyDown={onKeyDown}
        />
      </span>
      {value !== '' && !editing && (
        <button type="button" className={styles['clear']} onClick={() => onChange('')}>
          Clear
        </button>
      )}
      {(shownError !== undefined || serverError !== undefined) && !open && (
        <p id={`${id}-error`} className={styles['error']} role="alert">
          {shownError?.message ?? serverError}
        </p>
      )}
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={`Suggestions for ${label}`}
        className={styles['list']}
        hidden={!open}
      >
        {suggestions.map((suggestion, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the field, which keeps the focus
          <div
            key={suggestion.label}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === picked}
            className={styles['option']}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(index)}
          >
            <code>{suggestion.label}</code>
            <span>{suggestion.hint}</span>
          </div>
        ))}
      </div>
    </search>
  );
}
