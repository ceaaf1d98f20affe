/** Fields of the events in view: open one to see its commonest values; press a value to keep only it, or to leave it out. */
import { ChevronRight, Minus } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import type { Params } from '../api/client.ts';
import { useParams, useSetParams } from '../app/search.ts';
import { formatCount } from '../time/format.ts';
import { TextField } from '../ui/field.tsx';
import { Icon } from '../ui/icon.tsx';
import { hasWord } from '../ui/query-line/words.ts';
import { SkeletonRows } from '../ui/states.tsx';
import { useTopValues } from './data.ts';
import styles from './events.module.css';

const OPEN_AT_FIRST = 'severity,class,source';
const MANY = 12;

export interface FieldsProps {
  readonly fields: readonly string[];
  readonly line: string;
  readonly request: Params;
  readonly names: ReadonlyMap<string, string>;
  readonly onPick: (field: string, value: string, without: boolean) => void;
}

export function Fields({ fields, line, request, names, onPick }: FieldsProps) {
  const params = useParams();
  const setParams = useSetParams();
  const [words, setWords] = useState('');
  const open = new Set((params['fields'] ?? OPEN_AT_FIRST).split(',').filter((name) => name !== ''));
  const toggle = (field: string) => {
    if (!open.delete(field)) open.add(field);
    const text = [...open].join(',');
    setParams({ fields: text === OPEN_AT_FIRST ? undefined : text === '' ? 'none' : text }, { replace: true });
  };
  const shown = fields.filter((field) => field.includes(words.toLowerCase()));
  // The first time all open fields appear together, so that none pushes the others down.
  const [ready, setReady] = useState<ReadonlySet<string>>(new Set());
  const [settled, setSettled] = useState(false);
  const waiting = !settled && shown.some((field) => open.has(field) && !ready.has(field));
  useEffect(() => {
    if (!waiting) setSettled(true);
  }, [waiting]);
  const onReady = useCallback(
    (field: string) => setReady((old) => (old.has(field) ? old : new Set([...old, field]))),
    [],
  );
  return (
    <nav className={styles['fields']} aria-label="Fields">
      {fields.length > MANY && (
        <TextField
          label="Find a field"
          labelHidden
          placeholder="Find a field"
          type="search"
          value={words}
          onChange={setWords}
        />
      )}
      {waiting && (
        <div className={styles['settling']}>
          <SkeletonRows rows={14} height="line" />
        </div>
      )}
      <ul data-waiting={waiting || undefined}>
        {shown.map((field) => (
          <li key={field}>
            <button
              type="button"
              className={styles['field']}
              aria-expanded={open.has(field)}
              onClick={() => toggle(field)}
            >
              <Icon of={ChevronRight} size={12} />
              {field}
            </button>
            {open.has(field) && (
              <Values field={field} line={line} request={request} names={names} onPick={onPick} onReady={onReady} />
            )}
          </li>
        ))}
      </ul>
    </nav>
  );
}

type ValuesProps = Omit<FieldsProps, 'fields'> & { readonly field: string; readonly onReady: (field: string) => void };

function Values({ field, line, request, names, onPick, onReady }: ValuesProps) {
  const { data, error, isPlaceholderData } = useTopValues(field, request);
  const known = data !== undefined || error !== null;
  useEffect(() => {
    if (known) onReady(field);
  }, [known, field, onReady]);
  if (data === undefined) {
    return error === null ? <SkeletonRows rows={3} height="line" /> : <p className={styles['none']}>{error.message}</p>;
  }
  if (data.values.length === 0) return <p className={styles['none']}>No value in view.</p>;
  const most = data.values[0]?.count ?? 1;
  return (
    <ul className={styles['values']} data-stale={isPlaceholderData || undefined}>
      {data.values.map(({ value, count }) => {
        const name = field === 'asset' || field === 'device.uid' ? (names.get(value) ?? value) : value;
        return (
          <li key={value}>
            <button
              type="button"
              className={styles['pick']}
              aria-pressed={hasWord(line, field, value)}
              title={`Only ${field} ${name}`}
              onClick={() => onPick(field, value, false)}
            >
              <i aria-hidden="true" style={{ inlineSize: `${(100 * count) / most}%` }} />
              <span className="visually-hidden">Only {field} </span>
              <span>{name}</span>
              <b>{formatCount(count)}</b>
              <span className="visually-hidden"> events</span>
            </button>
            <button
              type="button"
              className={styles['without']}
              aria-label={`Without ${field} ${name}`}
              onClick={() => onPick(field, value, true)}
            >
              <Icon of={Minus} size={12} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
