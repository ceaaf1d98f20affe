/** One record in words, what led to its letters, all of its columns, and the way to its packets. */
import { Plus } from 'lucide-react';
import { Link } from '../app/link.tsx';
import { useAssetNames } from '../metrics/asset-names.ts';
import { formatBytes, formatCount, formatExact, msOf } from '../time/format.ts';
import { IconButton } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { Section } from '../ui/section.tsx';
import { Address } from './address.tsx';
import { explainCause, explainDirection, explainFlags, explainState } from './explain.ts';
import { lineOf } from './filter.ts';
import styles from './flow.module.css';
import { PacketsButton } from './packets-button.tsx';
import { endsOf, number, spanOf, text } from './record.ts';
import type { FlowRecord } from './types.ts';
import { durationWords, serviceName } from './words.ts';

/** Columns that the filter line knows, by its name of them. */
const ASKED: Readonly<Record<string, string>> = {
  'src_endpoint.ip': 'source',
  'dst_endpoint.ip': 'destination',
  'dst_endpoint.port': 'port',
  'connection_info.protocol_name': 'protocol',
  app_name: 'application',
  'flow.state': 'state',
  'flow.origin': 'origin',
};

export interface RecordDetailProps {
  readonly record: FlowRecord;
  readonly onPick: (field: string, value: string) => void;
}

export function RecordDetail({ record, onPick }: RecordDetailProps) {
  const names = useAssetNames();
  const { source, destination, port, sourcePort, protocol, application } = endsOf(record);
  const { fromMs, toMs } = spanOf(record);
  const flags = explainFlags(text(record, 'flow.flags'));
  const state = text(record, 'flow.state');
  const direction = text(record, 'flow.direction');
  const protocolNumber = number(record, 'connection_info.protocol_num');
  const sequence = number(record, 'flow.sequence');
  const merged = number(record, 'flow.merged');
  const out = number(record, 'traffic.bytes_out') ?? 0;
  const back = number(record, 'traffic.bytes_in') ?? 0;
  return (
    <div className={styles['detail']}>
      <p className={styles['pair']}>
        <Address of={source} names={names} /> <code>{direction}</code> <Address of={destination} names={names} />
      </p>
      <p>
        {serviceName(port, protocol, application)}: {formatBytes(out)} out in{' '}
        {formatCount(number(record, 'traffic.packets_out') ?? 0)} packets, {formatBytes(back)} back in{' '}
        {formatCount(number(record, 'traffic.packets_in') ?? 0)}, within{' '}
        {durationWords(number(record, 'flow.duration_us') ?? 0)} from{' '}
        <time dateTime={record.timeAt}>{formatExact(msOf(record.timeAt))}</time>.
      </p>
      {merged !== undefined && (
        <p>
          It stands for <b>{formatCount(merged)} flows</b> that came to nothing and were too many to keep one by one.
        </p>
      )}
      <p className={styles['ways']}>
        <Link to="/flows" search={{ view: 'records', q: lineOf({ source, destination, port, protocol }) }}>
          Its conversation
        </Link>
        {sequence !== undefined && (
          <Link to="/flows" search={{ view: 'records', q: lineOf({ origin: text(record, 'flow.origin'), sequence }) }}>
            All records of this flow
          </Link>
        )}
        {record.assets.map((id) => (
          <Link key={id} to={`/assets/${encodeURIComponent(id)}`}>
            {names.get(id) ?? 'Its asset'}
          </Link>
        ))}
      </p>
      <Section title="How it was decided">
        <dl className={styles['reasons']}>
          <Reason mark={direction} name="Direction">
            {explainDirection(direction, protocol, source, destination)}
          </Reason>
          <Reason mark={state} name="State">
            {explainState(state, protocol)}
          </Reason>
          {flags.map((flag) => (
            <Reason key={flag.text} mark={flag.letter} name="Flag">
              {flag.text}
            </Reason>
          ))}
          <Reason mark={text(record, 'flow.cause')} name="Cause">
            {explainCause(text(record, 'flow.cause'))}
          </Reason>
        </dl>
      </Section>
      {source !== '' && destination !== '' && (
        <Section title="Packets">
          <div className={styles['inset']}>
            <PacketsButton
              key={record.id}
              of={{
                fromMs,
                toMs,
                addresses: [source, destination],
                ...(port === undefined || sourcePort === undefined ? {} : { ports: [sourcePort, port] }),
                ...(protocolNumber === undefined ? {} : { protocol: protocolNumber }),
              }}
            />
          </div>
        </Section>
      )}
      <Section title="Columns" note={String(Object.keys(record.attributes).length)}>
        <dl className={styles['pairs']}>
          {Object.entries(record.attributes).map(([name, value]) => {
            const field = ASKED[name];
            return value === null || value === undefined || value === '' ? null : (
              <div key={name}>
                <dt title={name}>{name}</dt>
                <dd>
                  <code>{String(value)}</code>
                </dd>
                <dd>
                  {field !== undefined && (
                    <IconButton
                      icon={Plus}
                      small
                      label={`Only ${field} ${value}`}
                      onClick={() => onPick(field, String(value))}
                    />
                  )}
                </dd>
              </div>
            );
          })}
        </dl>
      </Section>
      <div className={styles['ways']}>
        <CopyButton label="Copy as JSON" text={() => JSON.stringify(record, undefined, 2)} />
      </div>
    </div>
  );
}

interface ReasonProps {
  readonly mark: string;
  readonly name: string;
  readonly children: string;
}

function Reason({ mark, name, children }: ReasonProps) {
  if (mark === '') return null;
  return (
    <div>
      <dt>
        <code>{mark}</code> {name}
      </dt>
      <dd>{children === '' ? 'As the client programs of Argus spell it.' : children}</dd>
    </div>
  );
}
