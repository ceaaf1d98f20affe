import type { UseQueryResult } from '@tanstack/react-query';
import type { CoverageLine } from '../api/types.ts';
import { Link } from '../app/link.tsx';
import { Section } from '../ui/section.tsx';
import { EmptyState, Loaded, SkeletonRows } from '../ui/states.tsx';
import { StatusIcon, type StatusState } from '../ui/status.tsx';
import styles from './coverage.module.css';
import type { CoverageList } from './data.ts';

const STATES: Readonly<Record<CoverageLine['state'], StatusState>> = {
  ok: 'ok',
  warning: 'warning',
  failed: 'critical',
  off: 'silent',
};
const WORDS: Readonly<Record<CoverageLine['state'], string>> = {
  ok: 'Watched',
  warning: 'In part',
  failed: 'Failed',
  off: 'Off',
};

/** What is watched and what is not, each with how to mend it. */
export function Coverage({ coverage }: { readonly coverage: UseQueryResult<CoverageList> }) {
  return (
    <Section title="Coverage" note="what is watched, and what is not">
      <Loaded what="the coverage" query={coverage} skeleton={<SkeletonRows rows={8} />}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState
              title="Nothing is watched yet"
              text="The agent and the sensor report here as soon as they run."
            />
          ) : (
            <dl className={styles['list']}>
              {items.map((line) => (
                <div key={line.feature} className={styles['line']}>
                  <dt>
                    <StatusIcon state={STATES[line.state]} label={WORDS[line.state]} />
                    {line.feature}
                  </dt>
                  <dd>
                    {line.text}
                    {line.fix !== undefined && (
                      <span className={styles['fix']}>
                        <Fix text={line.fix} />
                      </span>
                    )}
                  </dd>
                </div>
              ))}
            </dl>
          )
        }
      </Loaded>
    </Section>
  );
}

/** A page of the console that it names is a link to it: `/app/settings/notifications`. */
function Fix({ text }: { readonly text: string }) {
  const match = /\/app(\/[\w/#-]+)/.exec(text);
  if (match === null) return text;
  const to = (match[1] ?? '/').replace('#', '/');
  return (
    <>
      {text.slice(0, match.index)}
      <Link to={to}>{to.slice(1).split('/').join(', ')}</Link>
      {text.slice(match.index + match[0].length)}
    </>
  );
}
