import type { JsonValue } from '../api/types.ts';
import styles from './assets.module.css';
import { factName, factRank, factText, isMono } from './words.ts';

/** Attributes as a list of name and value. Empty ones are left out. */
export function Facts({
  attributes,
  before,
}: {
  readonly attributes: Readonly<Record<string, JsonValue>>;
  readonly before?: Readonly<Record<string, JsonValue>> | undefined;
}) {
  const names = [...new Set([...Object.keys(attributes), ...Object.keys(before ?? {})])].filter(
    (name) => !isEmpty(attributes[name]) || (before !== undefined && !isEmpty(before[name])),
  );
  names.sort((a, b) => factRank(a) - factRank(b) || a.localeCompare(b));
  if (names.length === 0) return <p className={styles['none']}>Nothing is known beyond its keys.</p>;
  return (
    <dl className={styles['facts']}>
      {names.map((name) => {
        const value = attributes[name];
        const then = before?.[name];
        const changed = before !== undefined && JSON.stringify(value ?? null) !== JSON.stringify(then ?? null);
        return (
          <div key={name} data-changed={changed || undefined}>
            <dt>{factName(name)}</dt>
            <dd>
              {isMono(name) ? <code>{factText(name, value ?? null)}</code> : factText(name, value ?? null)}
              {changed && (
                <span className={styles['then']}>
                  {' '}
                  now, then {isEmpty(then) ? 'nothing' : factText(name, then ?? null)}
                </span>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
