/** What changed: in the highlighted window, since one left, or in the range. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import type { Page, PlatformEvent } from '../api/types.ts';
import { Link } from '../app/link.tsx';
import { CHANGE_CLASSES, DETECTION_CLASSES, useEventsInRange, useKnownClasses } from '../strip/data.ts';
import { formatClock, formatExact, formatRange, formatTime, msOf } from '../time/format.ts';
import { useNow } from '../time/now.ts';
import { useTimeRange } from '../time/range.ts';
import { useHighlight } from '../ui/chart/axis.tsx';
import { Section } from '../ui/section.tsx';
import { EmptyState, Loaded, SkeletonRows } from '../ui/states.tsx';
import styles from './changed.module.css';
import { useLeftAt } from './data.ts';

const CLASSES = [...CHANGE_CLASSES, ...DETECTION_CLASSES, 'authentication'];
const ROWS = 6;
const FETCHED = 200;

/** The events, and over what time. */
export function useChanged() {
  const range = useTimeRange();
  const highlight = useHighlight();
  const left = useLeftAt();
  const nowMs = useNow(30_000);
  const known = useKnownClasses(CLASSES);
  const inRange = useEventsInRange('changed', CLASSES, FETCHED);
  const sinceLeft =
    range.live && highlight === undefined && left !== undefined && left < nowMs - range.spanMs ? left : undefined;
  const away = useQuery({
    queryKey: ['events', 'since', sinceLeft],
    enabled: sinceLeft !== undefined && known !== undefined,
    queryFn: ({ signal }) =>
      api.get<Page<PlatformEvent>>(
        '/events',
        { class: (known ?? CLASSES).join(','), from: new Date(sinceLeft ?? 0).toISOString(), limit: FETCHED },
        { signal },
      ),
  });
  const note =
    highlight !== undefined
      ? formatRange(highlight.fromS * 1000, highlight.toS * 1000)
      : sinceLeft !== undefined
        ? `since you left at ${formatTime(sinceLeft, nowMs)}`
        : range.live
          ? `in the ${range.label.toLowerCase()}`
          : range.label;
  return { query: sinceLeft === undefined ? inRange : away, note, highlight, nowMs };
}

export function Changed({
  changed: { query, note, highlight, nowMs },
}: {
  readonly changed: ReturnType<typeof useChanged>;
}) {
  // What the pointer is on does not move away under it.
  const [held, setHeld] = useState<readonly Group[] | undefined>();
  return (
    <Section title="Changed" note={note} action={<Link to="/events">All events</Link>}>
      <Loaded what="what changed" query={query} skeleton={<SkeletonRows rows={ROWS} height="two" />}>
        {(page) => {
          const events = page.items.filter(
            ({ timeAt }) =>
              highlight === undefined ||
              (msOf(timeAt) >= highlight.fromS * 1000 && msOf(timeAt) <= highlight.toS * 1000),
          );
          const grouped = groupAlike(events);
          if (grouped.length === 0) {
            return (
              <EmptyState title="Nothing changed" text="No asset, setting or sign-in is different in this time." />
            );
          }
          return (
            <>
              <ul onPointerEnter={() => setHeld(grouped)} onPointerLeave={() => setHeld(undefined)}>
                {(held ?? grouped).slice(0, ROWS).map((group) => (
                  <Row key={group.event.id} group={group} nowMs={nowMs} />
                ))}
              </ul>
              {held !== undefined && held[0]?.event.id !== grouped[0]?.event.id ? (
                <p className={styles['more']}>New ones wait until the pointer has left.</p>
              ) : (
                grouped.length > ROWS && <p className={styles['more']}>{grouped.length - ROWS} more in Events</p>
              )}
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

interface Group {
  readonly event: PlatformEvent;
  readonly count: number;
}

/** Events of one kind within the same minute are one line: a first scan finds forty ports at once. */
function groupAlike(events: readonly PlatformEvent[]): readonly Group[] {
  const groups: { event: PlatformEvent; count: number; key: string }[] = [];
  for (const event of events) {
    const key = `${event.class} ${event.message.split(':', 1)[0]} ${event.timeAt.slice(0, 16)}`;
    const last = groups.at(-1);
    if (last?.key === key) last.count += 1;
    else groups.push({ event, count: 1, key });
  }
  return groups;
}

function Row({ group: { event, count }, nowMs }: { readonly group: Group; readonly nowMs: number }) {
  const ms = msOf(event.timeAt);
  const asset = event.assets[0];
  const [kind] = event.message.split(':', 1);
  return (
    <li className={styles['row']}>
      <time dateTime={event.timeAt} title={formatExact(ms)}>
        {nowMs - ms < 86_400_000 ? formatClock(ms) : formatTime(ms, nowMs)}
      </time>
      <span className={styles['what']}>
        {count > 1 ? (
          <Link to="/events" search={{ q: `class:${event.class}` }}>
            {kind}, {count} times
          </Link>
        ) : asset === undefined ? (
          event.message
        ) : (
          <Link to={`/assets/${asset}`}>{event.message}</Link>
        )}
        <small>{count > 1 ? `${event.message} and ${count - 1} more` : `Seen by ${event.source}`}</small>
      </span>
    </li>
  );
}
