/** One event, field by field. Each value can be filtered by; long ones are cut until asked for. */
import { Minus, Plus } from 'lucide-react';
import { useState } from 'react';
import type { PlatformEvent } from '../api/types.ts';
import { Link } from '../app/link.tsx';
import { formatBytes, formatExact, msOf } from '../time/format.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { Section } from '../ui/section.tsx';
import { Status, severityStatus } from '../ui/status.tsx';
import { cutText } from './cut.ts';
import styles from './events.module.css';
import { eventJson, eventLink } from './link.ts';

export interface EventDetailProps {
  readonly event: PlatformEvent;
  readonly names: ReadonlyMap<string, string>;
  readonly onPick: (field: string, value: string, without: boolean) => void;
}

export function EventDetail({ event, names, onPick }: EventDetailProps) {
  const attributes = Object.entries(event.attributes as Readonly<Record<string, unknown>>);
  return (
    <div className={styles['detail']}>
      <p className={styles['message']}>
        <Status state={severityStatus(event.severity)} text={event.severity} />
        <LongValue value={event.message} />
      </p>
      <Section title="Fields">
        <dl className={styles['pairs']}>
          <Pair name="time" value={event.timeAt}>
            <time dateTime={event.timeAt}>{formatExact(msOf(event.timeAt))}</time>
          </Pair>
          <Pair name="class" value={event.class} onPick={onPick} />
          <Pair name="activity" value={event.activity} onPick={onPick} />
          <Pair name="source" value={event.source} onPick={onPick} />
          {event.assets.map((id) => (
            <Pair key={id} name="asset" value={id} onPick={onPick}>
              <Link to={`/assets/${encodeURIComponent(id)}`}>{names.get(id) ?? id}</Link>
            </Pair>
          ))}
          <Pair name="id" value={event.id} />
        </dl>
      </Section>
      {attributes.length > 0 && (
        <Section title="Attributes" note={String(attributes.length)}>
          <dl className={styles['pairs']}>
            {attributes.map(([name, value]) => (
              <Pair
                key={name}
                name={name}
                value={typeof value === 'object' ? JSON.stringify(value, undefined, 2) : String(value)}
                onPick={typeof value === 'object' ? undefined : onPick}
              />
            ))}
          </dl>
        </Section>
      )}
      <div className={styles['copies']}>
        <CopyButton label="Copy link" text={() => eventLink(event, location.origin)} />
        <CopyButton label="Copy as JSON" text={() => eventJson(event)} />
      </div>
    </div>
  );
}

interface PairProps {
  readonly name: string;
  readonly value: string;
  readonly onPick?: EventDetailProps['onPick'] | undefined;
  readonly children?: React.ReactNode;
}

function Pair({ name, value, onPick, children }: PairProps) {
  return (
    <div>
      <dt title={name}>{name}</dt>
      <dd>{children ?? <LongValue value={value} />}</dd>
      {onPick !== undefined && value.length < 400 && (
        <dd className={styles['picks']}>
          <IconButton icon={Plus} small label={`Only ${name} ${value}`} onClick={() => onPick(name, value, false)} />
          <IconButton icon={Minus} small label={`Without ${name} ${value}`} onClick={() => onPick(name, value, true)} />
        </dd>
      )}
    </div>
  );
}

function LongValue({ value }: { readonly value: string }) {
  const [all, setAll] = useState(false);
  const cut = cutText(value);
  if (cut.wholeBytes === undefined || all) return <code className={styles['long']}>{value}</code>;
  return (
    <>
      <code className={styles['long']}>{cut.text}…</code>
      <Button small onClick={() => setAll(true)}>
        Show all {formatBytes(cut.wholeBytes)}
      </Button>
    </>
  );
}
