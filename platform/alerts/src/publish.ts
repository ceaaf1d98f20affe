/** Problems as OCSF findings and as live updates. */
import { type Events, type LiveStream, type Problem, type Severity, toEdge } from '@undercroft/kernel';
import type { HistoryLine, ProblemRecord } from './engine/problem.ts';

export type FindingActivity = 'create' | 'update' | 'close';

const SEVERITIES: Readonly<Record<Problem['state'], Severity>> = {
  ok: 'informational',
  notice: 'low',
  warning: 'medium',
  unknown: 'medium',
  critical: 'critical',
};
/** OCSF `incident_finding.status`. */
const STATUS = { create: 'New', update: 'In Progress', close: 'Resolved' } as const;

export class ProblemAnnouncer {
  readonly #events: Pick<Events, 'publish'>;
  readonly #live: Pick<LiveStream, 'send'>;

  constructor(events: Pick<Events, 'publish'>, live: Pick<LiveStream, 'send'>) {
    this.#events = events;
    this.#live = live;
  }

  finding(record: ProblemRecord, activity: FindingActivity, lines: readonly HistoryLine[]): void {
    const { machine } = record;
    const last = lines.at(-1);
    this.#events.publish({
      class: 'incident_finding',
      activity,
      timeUs: activity === 'close' ? (record.closedUs ?? record.changedUs) : record.lastReportUs,
      severity: SEVERITIES[machine.state],
      tenant: record.tenant,
      assets: record.assets,
      message: activity === 'close' ? `Ok: ${record.title}` : record.title,
      attributes: {
        'finding_info.uid': record.id,
        'finding_info.title': record.title,
        'finding_info.desc': record.detail,
        'finding_info.analytic.uid': record.rule,
        'finding_info.analytic.name': record.source,
        'finding_info.created_time': record.openedUs,
        status: STATUS[activity],
        status_detail: last === undefined ? '' : `${last.text}${last.by === undefined ? '' : ` (${last.by})`}`,
        state: machine.state,
        hard: machine.hard,
        attempt: machine.attempt,
        subject: record.subject,
        ...(last === undefined ? {} : { transition: last.kind }),
      },
    });
  }

  live(problem: Problem): void {
    this.#live.send('problems', toEdge(problem), { key: problem.id, tenant: problem.tenant });
  }
}
