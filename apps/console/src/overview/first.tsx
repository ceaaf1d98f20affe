/** The first day of an owner: four steps, and what was found on the host meanwhile. */
import { type UseQueryResult, useMutation, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api } from '../api/client.ts';
import { useSession } from '../api/session.ts';
import type { Asset, Page } from '../api/types.ts';
import { Link } from '../app/link.tsx';
import { formatCount, formatDuration, msOf } from '../time/format.ts';
import { Button, ButtonLink } from '../ui/button.tsx';
import { CommandLine } from '../ui/command-line.tsx';
import { Section } from '../ui/section.tsx';
import { useSettled } from '../ui/settled.ts';
import { EmptyState, Loaded, SkeletonRows } from '../ui/states.tsx';
import { StatusIcon, type StatusState } from '../ui/status.tsx';
import { FourCharts } from './charts.tsx';
import { Coverage } from './coverage.tsx';
import { type Facets, useCoverage, useFacets, usePorts } from './data.ts';
import styles from './first.module.css';
import overview from './overview.module.css';
import { Processes } from './processes.tsx';
import { subnetOf } from './subnet.ts';

export interface FirstDayProps {
  readonly host: Asset | undefined;
  readonly nowMs: number;
  /** Shown first when something already needs somebody. */
  readonly needsYou: ReactNode;
  readonly hide: () => void;
}

export function FirstDay({ host, nowMs, needsYou, hide }: FirstDayProps) {
  const contacts = useQuery({
    queryKey: ['notifications', 'contacts'],
    queryFn: ({ signal }) => api.get<Page<unknown>>('/notifications/contacts', undefined, { signal }),
  });
  const ports = usePorts();
  const facets = useFacets(true);
  const coverage = useCoverage();
  const settled = useSettled([contacts, ports, facets]);
  return (
    <>
      {needsYou !== undefined && <div className={overview['block']}>{needsYou}</div>}
      <div className={`${overview['cols']} ${overview['wideNarrow']}`}>
        <FirstSteps host={host} hide={hide} hasContact={(contacts.data?.items.length ?? 0) > 0} />
        {settled && <FoundOnHost host={host} nowMs={nowMs} ports={ports} types={facets.data?.types ?? []} />}
      </div>
      {settled && (
        <>
          <FourCharts host={host} several={false} known />
          <div className={`${overview['cols']} ${overview['wideNarrow']}`}>
            <Processes />
            <Coverage coverage={coverage} />
          </div>
        </>
      )}
    </>
  );
}

interface FirstStepsProps {
  readonly host: Asset | undefined;
  readonly hide: () => void;
  readonly hasContact: boolean;
}

function FirstSteps({ host, hide, hasContact }: FirstStepsProps) {
  const session = useSession();
  const subnet = subnetOf(host);
  const scan = useMutation({
    mutationFn: (targets: readonly string[]) => api.post<{ id: string }>('/scans', { targets }),
  });
  return (
    <Section
      title="Before you go"
      note="four steps, each a minute"
      action={
        <Button tone="ghost" small onClick={hide}>
          Hide
        </Button>
      }
    >
      <ol className={styles['steps']}>
        <Step
          number={1}
          done={session?.totp === true}
          title="Add a second factor"
          text="A code from your phone, asked for at sign-in: a stolen password is then not enough."
          action={
            <ButtonLink tone={session?.totp === true ? 'plain' : 'primary'} to="/settings/account">
              Add
            </ButtonLink>
          }
        />
        <Step
          number={2}
          done={hasContact}
          title="Say where problems should go"
          text="Email, webhook or a script. Until then they stay on this page."
          action={<ButtonLink to="/settings/notifications">Add a contact</ButtonLink>}
        />
        <Step
          number={3}
          title="Keep a backup"
          text="Everything that is known and set, consistent while it runs. Run this where undercroft runs."
        >
          <CommandLine command="npx undercroft backup undercroft-backup.tar.gz" />
        </Step>
        <Step
          number={4}
          done={scan.data !== undefined}
          title="Look around your network"
          text={
            subnet === undefined
              ? 'Name addresses to look at. Nothing beyond this machine is scanned until you press it.'
              : `${subnet}, 254 addresses. Nothing is scanned until you press it.`
          }
          action={
            subnet === undefined ? (
              <ButtonLink to="/scans">Go to Scans</ButtonLink>
            ) : scan.data === undefined ? (
              <Button busy={scan.isPending} onClick={() => scan.mutate([subnet])}>
                Scan
              </Button>
            ) : (
              <ButtonLink to={`/scans/${scan.data.id}`}>See the scan</ButtonLink>
            )
          }
        >
          {scan.error !== null && <p className={styles['failed']}>{scan.error.message}</p>}
        </Step>
      </ol>
    </Section>
  );
}

interface StepProps {
  readonly number: number;
  readonly title: string;
  readonly text: string;
  readonly done?: boolean;
  readonly action?: React.ReactNode;
  readonly children?: React.ReactNode;
}

function Step({ number, title, text, done = false, action, children }: StepProps) {
  return (
    <li className={styles['step']}>
      <span className={styles['number']}>{done ? <StatusIcon state="ok" label="Done" /> : number}</span>
      <div className={styles['words']}>
        <p className={styles['title']}>{title}</p>
        <p className={styles['text']}>{text}</p>
        {children}
      </div>
      {action}
    </li>
  );
}

interface Finding {
  readonly id: string;
  readonly state: StatusState;
  readonly text: React.ReactNode;
}

interface FoundProps {
  readonly host: Asset | undefined;
  readonly nowMs: number;
  readonly ports: UseQueryResult<Page<Asset>>;
  readonly types: Facets['types'];
}

/** Counted from the inventory: ports, services, filesystems, certificates. */
function FoundOnHost({ host, nowMs, ports, types }: FoundProps) {
  const ageMs = host === undefined ? undefined : nowMs - msOf(host.firstSeenAt);
  const age = ageMs === undefined ? undefined : ageMs < 90_000 ? 'minute' : formatDuration(ageMs);
  return (
    <Section
      title={`Found on ${host?.name ?? 'this host'}`}
      note={age === undefined ? undefined : `in the first ${age}`}
      action={<Link to="/assets">All assets</Link>}
    >
      <Loaded what="what was found" query={ports} skeleton={<SkeletonRows rows={6} />}>
        {(page) => {
          const findings = findingsOf(page, types, host);
          return findings.length === 0 ? (
            <EmptyState title="Nothing yet" text="The first scan of this machine takes a few seconds." />
          ) : (
            <ul>
              {findings.map((finding) => (
                <li key={finding.id} className={styles['finding']}>
                  <StatusIcon state={finding.state} />
                  <span>{finding.text}</span>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Section>
  );
}

const MAX_OPEN_SHOWN = 4;

function findingsOf(
  ports: Page<Asset>,
  types: readonly { readonly value: string; readonly count: number }[],
  host: Asset | undefined,
): readonly Finding[] {
  const findings: Finding[] = [];
  const listening = ports.items.filter(({ present }) => present);
  const total = Math.max(ports.total ?? 0, listening.length);
  const open = listening.filter(({ attributes }) => isReachable(String(attributes['address'] ?? '')));
  if (total > 0) {
    findings.push({
      id: 'ports',
      state: 'ok',
      text: (
        <Link to="/assets" search={{ q: 'type:port' }}>
          {formatCount(total)} ports listen, {formatCount(Math.max(0, total - open.length))} of them on loopback only
        </Link>
      ),
    });
  }
  for (const port of open.slice(0, MAX_OPEN_SHOWN)) {
    const number = String(port.attributes['port'] ?? port.name);
    findings.push({
      id: port.id,
      state: 'notice',
      text: (
        <Link to={`/assets/${port.id}`}>
          <code>
            {number}/{String(port.attributes['protocol'] ?? 'tcp')}
          </code>{' '}
          {String(port.attributes['process'] ?? port.attributes['service'] ?? '')} is open to your network
        </Link>
      ),
    });
  }
  if (open.length > MAX_OPEN_SHOWN) {
    findings.push({
      id: 'more',
      state: 'notice',
      text: `${open.length - MAX_OPEN_SHOWN} more are open to your network`,
    });
  }
  for (const [type, one, many] of [
    ['service', 'service', 'services'],
    ['volume', 'file system', 'file systems'],
    ['certificate', 'certificate', 'certificates'],
  ] as const) {
    const count = types.find(({ value }) => value === type)?.count ?? 0;
    if (count === 0) continue;
    findings.push({
      id: type,
      state: 'ok',
      text: (
        <Link to="/assets" search={{ q: `type:${type}` }}>
          {formatCount(count)} {count === 1 ? one : many}
        </Link>
      ),
    });
  }
  const os = host?.attributes['os'];
  if (typeof os === 'string')
    findings.push({ id: 'os', state: 'ok', text: `${os}, kernel ${String(host?.attributes['kernel'] ?? 'unknown')}` });
  return findings;
}

/** Any address of the port that is not loopback. */
function isReachable(addresses: string): boolean {
  return addresses
    .split(',')
    .map((address) => address.trim())
    .some(
      (address) =>
        address !== '' && !address.startsWith('127.') && address !== '::1' && !address.startsWith('::ffff:127.'),
    );
}
