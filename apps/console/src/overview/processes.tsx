import { Link } from '../app/link.tsx';
import { formatBytes, formatCount, formatNumber, formatPercent, NO_VALUE } from '../time/format.ts';
import { Section } from '../ui/section.tsx';
import { EmptyState, Loaded, SkeletonRows } from '../ui/states.tsx';
import table from './assets.module.css';
import { useProcesses } from './data.ts';

const ROWS = 8;

/** The busiest processes of the server's own host. */
export function Processes() {
  const processes = useProcesses(ROWS);
  return (
    <Section
      title="Processes"
      note={processes.data === undefined ? undefined : `${formatCount(processes.data.total)}, busiest first`}
      action={
        <Link to="/metrics" search={{ q: 'apps' }}>
          All processes
        </Link>
      }
    >
      <Loaded what="the processes" query={processes} skeleton={<SkeletonRows rows={ROWS + 1} />}>
        {({ items: rows }) =>
          rows.length === 0 ? (
            <EmptyState title="No process is known yet" text="The agent lists them a second after its start." />
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, so the keyboard must reach it
            <section className={table['scroll']} tabIndex={0} aria-label="Processes, busiest first">
              <table className={table['table']}>
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col" className={table['right']}>
                      Processor, % of a core
                    </th>
                    <th scope="col" className={table['right']}>
                      Memory
                    </th>
                    <th scope="col" className={table['right']}>
                      Read / write, MB/s
                    </th>
                    <th scope="col" className={table['right']}>
                      Listens on
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.slice(0, ROWS).map((row) => (
                    <tr key={row.pid}>
                      <th scope="row" title={row.command}>
                        {row.name}
                      </th>
                      <td className={table['right']}>{formatPercent(row.cpuPercent)}</td>
                      <td className={table['right']}>{formatBytes(row.rssBytes)}</td>
                      <td className={table['right']}>
                        {formatNumber(row.readBps / 1e6)} / {formatNumber(row.writeBps / 1e6)}
                      </td>
                      <td className={table['right']}>
                        {row.listens.length === 0 ? NO_VALUE : row.listens.slice(0, 4).join(', ')}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          )
        }
      </Loaded>
    </Section>
  );
}
