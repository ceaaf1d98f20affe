/** The overview: what is wrong, what changed, what to do first. In the first day it also shows the way. */
import { useMemo } from 'react';
import { needsSomebody, useOpenProblems } from '../api/problems.ts';
import { useSession } from '../api/session.ts';
import { usePreference } from '../app/preferences.ts';
import { msOf } from '../time/format.ts';
import { useNow } from '../time/now.ts';
import { PageAxis } from '../ui/chart/axis.tsx';
import { PageHead } from '../ui/section.tsx';
import { useSettled } from '../ui/settled.ts';
import { ErrorState, SkeletonRows } from '../ui/states.tsx';
import { isReporting, useAssetNames, useEventStats, useHosts, useLastClosed } from './data.ts';
import { EveryDay } from './every-day.tsx';
import { FirstDay } from './first.tsx';
import { NeedsYou } from './needs-you.tsx';
import styles from './overview.module.css';
import { answerOf } from './sentence.ts';

/** An owner is new for the first day. */
const NEW_MS = 24 * 3_600_000;

export function Page() {
  const problems = useOpenProblems();
  const hosts = useHosts();
  const stats = useEventStats();
  const session = useSession();
  const nowMs = useNow(30_000);
  const nameOf = useAssetNames(hosts.data);
  const [hidden, setHidden] = usePreference('first:hidden', false);

  const only = hosts.data?.items.length === 1 ? hosts.data.items[0] : undefined;
  const isNew = only !== undefined && nowMs - msOf(only.firstSeenAt) < NEW_MS;
  const first = isNew && !hidden && session?.principal.owner === true;
  const waiting = problems.data?.items.filter(needsSomebody) ?? [];
  const lastClosed = useLastClosed(problems.data !== undefined && waiting.length === 0 && !first);

  const answer = useMemo(
    () =>
      answerOf({
        problems: problems.data?.items ?? [],
        nowMs,
        nameOf,
        hosts:
          hosts.data === undefined
            ? undefined
            : {
                reporting: hosts.data.items.filter(isReporting).length,
                total: hosts.data.total ?? hosts.data.items.length,
              },
        dropped: stats.data?.dropped,
        newHost: isNew ? { name: only.name, sinceMs: msOf(only.firstSeenAt) } : undefined,
        lastClosedMs: lastClosed.data?.items[0] === undefined ? undefined : msOf(lastClosed.data.items[0].closedAt),
      }),
    [problems.data, hosts.data, stats.data, lastClosed.data, nowMs, nameOf, isNew, only],
  );
  const decided = useSettled([problems, hosts]);
  const ready = problems.data !== undefined;
  const failed = problems.data === undefined && problems.error !== null;
  const needsYou = (
    <NeedsYou
      problems={problems.data?.items}
      nameOf={nameOf}
      loading={!ready && !failed}
      failed={
        failed ? (
          <ErrorState what="the open problems" error={problems.error} retry={() => void problems.refetch()} />
        ) : undefined
      }
    />
  );

  return (
    <PageAxis>
      <PageHead
        title={failed ? 'What needs you is not known' : ready ? answer.title : <Waiting />}
        lead={failed ? 'The list of problems could not be fetched.' : ready ? <Marked text={answer.lead} /> : '\u00a0'}
      />
      {!decided && (
        <div className={styles['block']}>
          <SkeletonRows rows={10} height="two" />
        </div>
      )}
      {decided && first && (
        <FirstDay
          host={only}
          nowMs={nowMs}
          needsYou={waiting.length > 0 ? needsYou : undefined}
          hide={() => setHidden(true)}
        />
      )}
      {decided && !first && <EveryDay hosts={hosts} problems={problems.data?.items ?? []} needsYou={needsYou} />}
    </PageAxis>
  );
}

/** Keeps the height of the sentence until it is known. */
function Waiting() {
  return (
    <>
      <span className={styles['waiting']} />
      <span className="visually-hidden">Loading what needs you</span>
    </>
  );
}

/** `**db-02**` in a sentence stands out. */
function Marked({ text }: { readonly text: string }) {
  return text.split('**').map((part, index) => (index % 2 === 1 ? <b key={part}>{part}</b> : part));
}
