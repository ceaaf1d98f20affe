import { useQuery } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import type { JsonValue } from '../api/types.ts';
import { useParams, useSetParams } from '../app/search.ts';
import { now } from '../time/now.ts';
import { Section } from '../ui/section.tsx';
import { Ago } from '../ui/time.tsx';
import styles from './asset-page.module.css';
import type { AssetItem } from './data.ts';
import { Facts } from './facts.tsx';

/** Facts now; with a day chosen, what differs from then stands out. */
export function KnownFacts({ asset }: { readonly asset: AssetItem }) {
  const params = useParams();
  const setParams = useSetParams();
  const day = /^\d{4}-\d{2}-\d{2}$/.test(params['asOf'] ?? '') ? params['asOf'] : undefined;
  const then = useQuery({
    queryKey: ['assets', 'one', asset.id, day ?? 'now'],
    queryFn: ({ signal }) =>
      api.get<AssetItem>(`/assets/${encodeURIComponent(asset.id)}`, { asOf: `${day}T12:00:00Z` }, { signal }),
    enabled: day !== undefined,
    retry: false,
  });
  const past = day === undefined || then.isPlaceholderData ? undefined : then.data;
  return (
    <Section
      title="Facts"
      note={past === undefined ? undefined : 'against that day'}
      action={
        <label className={styles['asOf']}>
          As of {day === undefined ? 'another day' : dayName.format(Date.parse(day))}
          <input
            type="date"
            aria-label="As of which day"
            value={day ?? ''}
            max={new Date(now()).toISOString().slice(0, 10)}
            onClick={(event) => event.currentTarget.showPicker?.()}
            onChange={(event) => setParams({ asOf: event.target.value || undefined }, { replace: true })}
          />
        </label>
      }
    >
      {then.error !== null && day !== undefined && <p className={styles['note']}>{then.error.message}</p>}
      <Facts attributes={asset.attributes as Attributes} before={past?.attributes as Attributes | undefined} />
      <dl className={styles['seen']}>
        <div>
          <dt>First seen</dt>
          <dd>
            <Ago at={asset.firstSeenAt} />
          </dd>
        </div>
        <div>
          <dt>Sources</dt>
          <dd>{asset.sources.join(', ')}</dd>
        </div>
      </dl>
    </Section>
  );
}

const dayName = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

type Attributes = Readonly<Record<string, JsonValue>>;
