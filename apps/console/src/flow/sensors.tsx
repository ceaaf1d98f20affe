/** What is listened on, and what was lost there. */

import { formatBitRate, formatCount, formatNumber, formatPercent, msOf } from '../time/format.ts';
import { useNow } from '../time/now.ts';
import { Seen } from '../ui/list/seen.tsx';
import { Section } from '../ui/section.tsx';
import { EmptyState } from '../ui/states.tsx';
import { Status, StatusIcon } from '../ui/status.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { Table } from '../ui/table/table.tsx';
import { Ago } from '../ui/time.tsx';
import { useFlowCoverage } from './data.ts';
import styles from './flow.module.css';
import type { Sensor } from './types.ts';

/** A sensor that said nothing for so long is away. */
const SILENT_MS = 60_000;

/** One sentence: who listens, how much passes, what was lost. */
export function SensorLine({ sensors }: { readonly sensors: readonly Sensor[] }) {
  const nowMs = useNow();
  if (sensors.length === 0) return <>No interface is listened on.</>;
  const awake = sensors.filter((sensor) => nowMs - msOf(sensor.timeAt) < SILENT_MS);
  const packets = awake.reduce((sum, one) => sum + one.packetsPerSecond, 0);
  const bits = awake.reduce((sum, one) => sum + one.bitsPerSecond, 0);
  const lost = sensors.reduce((sum, one) => sum + one.dropped + one.recordsLost, 0);
  const names = sensors.map((one) => one.interface).join(', ');
  return (
    <>
      Listening on <b>{names}</b>: {formatNumber(packets)} packets/s, {formatBitRate(bits)},{' '}
      {lost === 0 ? 'nothing lost' : <b>{lossWords(sensors)}</b>}
      {awake.length < sensors.length && (
        <>
          , {awake.length === 0 ? 'silent' : `${sensors.length - awake.length} of them silent`} since{' '}
          <Ago at={oldest(sensors)} />
        </>
      )}
      .
    </>
  );
}

function oldest(sensors: readonly Sensor[]): string {
  return sensors.map(({ timeAt }) => timeAt).sort()[0] ?? '';
}

function lossWords(sensors: readonly Sensor[]): string {
  const dropped = sensors.reduce((sum, one) => sum + one.dropped, 0);
  const records = sensors.reduce((sum, one) => sum + one.recordsLost, 0);
  return [
    ...(dropped > 0 ? [`${formatCount(dropped)} packets lost`] : []),
    ...(records > 0 ? [`${formatCount(records)} records lost`] : []),
  ].join(', ');
}

/** In place of conversations when nobody listens: why, and how to begin. */
export function NotListening() {
  const coverage = useFlowCoverage();
  return (
    <EmptyState
      title="Nothing is captured"
      text={
        <>
          <p>{coverage?.text ?? 'No sensor has said yet what it listens on.'}</p>
          <p>
            {coverage?.fix === undefined
              ? 'A sensor needs the right to open packet sockets: start undercroft as root, or give it CAP_NET_RAW.'
              : `To begin: ${coverage.fix}.`}{' '}
            Interfaces are named in undercroft.yaml:
          </p>
          <pre className={styles['example']}>{'flow:\n  interfaces: [eth0]'}</pre>
        </>
      }
    />
  );
}

export function SensorTable({ sensors }: { readonly sensors: readonly Sensor[] }) {
  return (
    <Section title="Sensors" note="since each was opened">
      <Table
        id="flow-sensors"
        label="Sensors"
        short
        columns={COLUMNS}
        rows={sensors}
        rowKey={(sensor) => sensor.interface}
      />
    </Section>
  );
}

const count = (id: keyof Sensor, header: string, width: number, hidden = false): TableColumn<Sensor> => ({
  id,
  header,
  value: (sensor) => sensor[id],
  cell: (sensor) => formatCount(Number(sensor[id])),
  align: 'end',
  width,
  ...(hidden ? { initiallyHidden: true } : {}),
});

const COLUMNS: readonly TableColumn<Sensor>[] = [
  { id: 'interface', header: 'Interface', value: (sensor) => sensor.interface, mono: true, width: 130, phone: true },
  {
    id: 'state',
    header: 'State',
    value: ({ dropped, recordsLost }) => (dropped + recordsLost > 0 ? 'loses' : 'complete'),
    cell: (sensor) =>
      sensor.dropped + sensor.recordsLost > 0 ? (
        <span title="Raise flow.ringMiB or flow.workers, or narrow flow.filter" className={styles['loss']}>
          <StatusIcon state="warning" label="" />
          {lossOf(sensor)}; raise flow.ringMiB or flow.workers
        </span>
      ) : (
        <Status state="ok" text="Complete" />
      ),
    phone: true,
  },
  count('packetsPerSecond', 'Packets/s', 96),
  {
    id: 'bitsPerSecond',
    header: 'Rate',
    value: (sensor) => sensor.bitsPerSecond,
    cell: (sensor) => formatBitRate(sensor.bitsPerSecond),
    align: 'end',
    width: 96,
    phone: true,
  },
  count('flows', 'Flows now', 92),
  count('packets', 'Packets', 110, true),
  count('dropped', 'Dropped', 92),
  count('evicted', 'Pushed out', 92, true),
  count('records', 'Records', 100, true),
  count('recordsLost', 'Records lost', 100),
  {
    id: 'timeAt',
    header: 'Heard',
    value: (sensor) => sensor.timeAt,
    cell: (sensor) => <Seen at={sensor.timeAt} />,
    align: 'end',
    width: 90,
  },
];

function lossOf({ dropped, packets, recordsLost }: Sensor): string {
  if (dropped === 0) return `${formatCount(recordsLost)} records lost`;
  const percent = (100 * dropped) / Math.max(1, dropped + packets);
  return `${formatCount(dropped)} packets lost${percent < 0.01 ? '' : `, ${formatPercent(percent)}`}`;
}
