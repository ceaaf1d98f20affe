/** An asset beside the list: what it is, what is wrong, who has seen it. The page has the rest. */
import type { Asset, JsonValue, Problem } from '../api/types.ts';
import { Link } from '../app/link.tsx';
import { Seen } from '../ui/list/seen.tsx';
import { Section } from '../ui/section.tsx';
import { Status, StatusIcon, type StatusState } from '../ui/status.tsx';
import { Ago } from '../ui/time.tsx';
import { assetState, stateWord } from './asset-name.tsx';
import styles from './assets.module.css';
import { Facts } from './facts.tsx';
import { typeName } from './words.ts';

export function AssetGlance({ asset, problems }: { readonly asset: Asset; readonly problems: readonly Problem[] }) {
  return (
    <div className={styles['glance']}>
      <p className={styles['glanceLead']}>
        <Status state={assetState(asset, problems)} text={stateWord(asset, problems)} />
        <span>
          {typeName(asset.type)}, last seen <Seen at={asset.lastSeenAt} />
        </span>
      </p>
      {problems.length > 0 && (
        <Section title="Open problems" note={String(problems.length)}>
          <ul className={styles['lines']}>
            {problems.map((problem) => (
              <li key={problem.id}>
                <StatusIcon state={problem.state as StatusState} />
                <Link to={`/problems/${problem.id}`}>{problem.title}</Link>
                <span className={styles['quiet']}>
                  <Ago at={problem.openedAt} />
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title="Facts">
        <Facts attributes={asset.attributes as Readonly<Record<string, JsonValue>>} />
      </Section>
      <Section title="Keys" note="what names it">
        <dl className={styles['facts']}>
          {asset.keys.map((key) => (
            <div key={`${key.type}:${key.value}`}>
              <dt>{key.type}</dt>
              <dd>
                <code>{key.value}</code>
                {key.strength === 'strong' ? null : <span className={styles['quiet']}> weak</span>}
              </dd>
            </div>
          ))}
        </dl>
      </Section>
    </div>
  );
}
