/** One check: what it said last, in full, its numbers, its day, how it is set. */
import { Link } from '../app/link.tsx';
import { formatDuration, formatTime, msOf } from '../time/format.ts';
import { now, useNow } from '../time/now.ts';
import { threeDigits } from '../ui/chart/units.ts';
import { CommandLine } from '../ui/command-line.tsx';
import { Seen } from '../ui/list/seen.tsx';
import { Section } from '../ui/section.tsx';
import { Loaded } from '../ui/states.tsx';
import { Status, StatusIcon } from '../ui/status.tsx';
import { Ago } from '../ui/time.tsx';
import styles from './checks.module.css';
import { type Check, checkState, checkStatus, useCheckHistory } from './data.ts';
import { DayBar } from './day-bar.tsx';
import { KIND_WORDS, optionsLine } from './options.ts';

const WEEK_MS = 7 * 86_400_000;

export function CheckDetail({ check, assetName }: { readonly check: Check; readonly assetName: string | undefined }) {
  const { status } = check;
  return (
    <div className={styles['detail']}>
      <p className={styles['lead']}>
        <Status state={checkStatus(checkState(check))} text={stateWords(check)} />
        {check.asset !== undefined && (
          <Link to={`/assets/${encodeURIComponent(check.asset)}`}>{assetName ?? check.asset}</Link>
        )}
        {status !== undefined && (
          <span>
            since <Ago at={status.sinceAt} />
          </span>
        )}
      </p>
      {status !== undefined && (
        <pre className={styles['output']}>
          {status.output}
          {status.longOutput === '' ? '' : `\n${status.longOutput}`}
        </pre>
      )}
      {status !== undefined && status.perfdata.length > 0 && (
        <table className={styles['perf']}>
          <thead>
            <tr>
              <th scope="col">Measured</th>
              <th scope="col">Value</th>
              <th scope="col">Warns</th>
              <th scope="col">Critical</th>
            </tr>
          </thead>
          <tbody>
            {status.perfdata.map((one) => (
              <tr key={one.label}>
                <td>{one.label}</td>
                <td>{one.value === null ? '–' : `${threeDigits(one.value)} ${one.uom}`}</td>
                <td>{one.warn ?? ''}</td>
                <td>{one.crit ?? ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Section title="Last 24 hours">
        <div className={styles['dayBox']}>
          <DayBar check={check} tall />
        </div>
      </Section>
      <Section title="How it is asked" note={KIND_WORDS[check.kind]}>
        <div className={styles['command']}>
          <CommandLine command={optionsLine(check.kind, check.options)} />
        </div>
        <dl className={styles['facts']}>
          <div>
            <dt>Every</dt>
            <dd>
              {formatDuration(check.intervalS * 1000)}, every {formatDuration(check.retryS * 1000)} while bad and soft
            </dd>
          </div>
          <div>
            <dt>Hard after</dt>
            <dd>{check.maxAttempts} bad results</dd>
          </div>
          <div>
            <dt>Last run</dt>
            <dd>
              {status === undefined ? 'not yet' : <Seen at={status.lastAt} />}
              {status !== undefined && `, took ${formatDuration(status.durationMs)}`}
            </dd>
          </div>
          <div>
            <dt>Next run</dt>
            <dd>
              <NextRun check={check} />
            </dd>
          </div>
        </dl>
      </Section>
      <History id={check.id} />
    </div>
  );
}

/** "in 12 s", "now", "late by 3 s", "off". */
export function NextRun({ check }: { readonly check: Check }) {
  const nowMs = useNow(1000);
  if (!check.enabled) return 'off';
  if (check.running) return 'running';
  if (check.nextAt === undefined) return '–';
  const wait = msOf(check.nextAt) - nowMs;
  if (wait < -10_000) return `late by ${formatDuration(-wait)}`;
  return wait < 1000 ? 'now' : `in ${formatDuration(Math.round(wait / 1000) * 1000)}`;
}

export function stateWords(check: Check): string {
  const { status } = check;
  if (!check.enabled) return 'Off';
  if (status === undefined) return 'Not run yet';
  const word = status.state.charAt(0).toUpperCase() + status.state.slice(1);
  if (status.state === 'ok') return 'OK';
  return status.hard ? word : `${word}, soft ${status.attempt} of ${check.maxAttempts}`;
}

function History({ id }: { readonly id: string }) {
  const nowMs = useNow();
  const query = useCheckHistory(id, Math.floor((now() - WEEK_MS) / 3_600_000) * 3_600_000);
  return (
    <Section title="Changes of state" note="seven days">
      <Loaded what="Its history" query={query}>
        {(entries) => (
          <ol className={styles['history']}>
            {entries.slice(0, 40).map((entry) => (
              <li key={`${entry.timeAt}${entry.state}`}>
                <time dateTime={entry.timeAt}>{formatTime(msOf(entry.timeAt), nowMs)}</time>
                <StatusIcon state={checkStatus(entry.state)} />
                <span>
                  {entry.output}
                  {entry.hard === false && <small> soft</small>}
                </span>
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </Section>
  );
}
