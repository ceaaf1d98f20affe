/** One list of every configuration key, one search over all. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../api/client.ts';
import { useMay } from '../api/rights.ts';
import { fuzzyMatch } from '../app/fuzzy.ts';
import { useParam } from '../app/search.ts';
import { formatCount } from '../time/format.ts';
import { Button } from '../ui/button.tsx';
import { CommandLine } from '../ui/command-line.tsx';
import { TextField } from '../ui/field.tsx';
import { Section } from '../ui/section.tsx';
import { EmptyState, ErrorState, Loaded, SkeletonRows } from '../ui/states.tsx';
import styles from './settings.module.css';

interface ConfigItem {
  readonly key: string;
  readonly value: unknown;
  readonly source: { readonly kind: 'default' | 'file' | 'env' | 'flag'; readonly where?: string };
  readonly default: unknown;
  readonly summary: string;
  readonly live: boolean;
}

export function Configuration() {
  const may = useMay();
  const client = useQueryClient();
  const [search = '', setSearch] = useParam('q');
  const config = useQuery({
    queryKey: ['config'],
    queryFn: async ({ signal }) =>
      (await api.get<{ items: readonly ConfigItem[] }>('/config', undefined, { signal })).items,
  });
  const reload = useMutation({
    mutationFn: () =>
      api.post<{ readonly changed: readonly string[]; readonly restart: readonly string[] }>('/config/reload'),
    onSuccess: () => client.invalidateQueries({ queryKey: ['config'] }),
  });
  return (
    <>
      <div className={styles['bar']}>
        <div className={styles['search']}>
          <TextField
            label="Search settings"
            labelHidden
            type="search"
            placeholder="Search by name, value or meaning"
            value={search}
            onChange={(next) => setSearch(next, { replace: true })}
            data-filter-line
          />
        </div>
        {config.data !== undefined && (
          <span className={styles['count']}>{formatCount(config.data.length)} settings</span>
        )}
        {may('reload the configuration') && (
          <span className={styles['end']}>
            <Button busy={reload.isPending} onClick={() => reload.mutate()}>
              Reload the file
            </Button>
          </span>
        )}
      </div>
      {reload.data !== undefined && (
        <p role="status" className={styles['done']}>
          {reload.data.changed.length === 0 ? 'Nothing was different.' : `Changed: ${reload.data.changed.join(', ')}.`}
          {reload.data.restart.length > 0 && ` After a restart: ${reload.data.restart.join(', ')}.`}
        </p>
      )}
      {reload.error !== null && (
        <ErrorState
          what="the new configuration (the old one stays in force)"
          error={reload.error}
          retry={() => reload.mutate()}
        />
      )}
      <Loaded what="the configuration" query={config} skeleton={<SkeletonRows rows={12} height="two" />}>
        {(items) => <Groups items={items} search={search} clear={() => setSearch(undefined)} />}
      </Loaded>
    </>
  );
}

function Groups({
  items,
  search,
  clear,
}: {
  readonly items: readonly ConfigItem[];
  readonly search: string;
  readonly clear: () => void;
}) {
  const groups = useMemo(() => {
    const found = items.filter(
      (item) => search === '' || fuzzyMatch(search, `${item.key} ${shown(item.value)} ${item.summary}`) !== undefined,
    );
    return [...Map.groupBy(found, ({ key }) => key.split('.', 1)[0] ?? '')];
  }, [items, search]);
  if (items.length === 0) {
    return <EmptyState title="No module has settings" action={<CommandLine command="npx undercroft config check" />} />;
  }
  if (groups.length === 0) {
    return (
      <EmptyState
        title="Nothing matches"
        text={`No setting has “${search}” in its name, value or meaning.`}
        action={<Button onClick={clear}>Clear the search</Button>}
      />
    );
  }
  return (
    <div className={styles['groups']}>
      {groups.map(([name, group]) => (
        <Section key={name} title={name}>
          {group.map((item) => (
            <Row key={item.key} item={item} />
          ))}
        </Section>
      ))}
    </div>
  );
}

function Row({ item }: { readonly item: ConfigItem }) {
  const { kind, where } = item.source;
  const isDefault = kind === 'default';
  return (
    <div className={styles['row']} data-short>
      <div>
        <code>{item.key}</code>
        <small>{item.summary}</small>
      </div>
      <div className={isDefault ? styles['quiet'] : styles['changed']}>
        <code>{shown(item.value)}</code>
        {!isDefault && item.default !== undefined && <small>default {shown(item.default)}</small>}
      </div>
      <div className={styles['quiet']}>
        {isDefault ? 'default' : <code>{where ?? kind}</code>}
        {!isDefault && <small>read-only here: change it {kind === 'file' ? 'on that line' : 'there'}</small>}
      </div>
      <span className={styles['quiet']}>{item.live ? 'live' : 'at restart'}</span>
    </div>
  );
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'not set';
  if (typeof value === 'string') return value === '' ? '""' : value;
  if (Array.isArray(value) && value.length === 0) return 'none';
  return Array.isArray(value) ? value.map(shown).join(', ') : JSON.stringify(value);
}
