/** Tables of the alerts pipeline. JSON as text, times in microseconds, truth as 0 and 1. */
import type { HistoryKind } from '../engine/problem.ts';

export interface AlertsTables {
  alerts_problems: {
    tenant: string;
    id: string;
    source: string;
    rule: string;
    subject: string;
    assets: string;
    state: string;
    /** Position in PROBLEM_STATES, to sort by. */
    state_rank: number;
    hard: number;
    attempt: number;
    max_attempts: number;
    results: string;
    flapping: number;
    title: string;
    detail: string;
    next: string;
    evidence: string;
    attributes: string;
    depends_on: string;
    opened_us: number;
    changed_us: number;
    last_report_us: number;
    closed_us: number | null;
    acknowledged: string | null;
    notified: string;
    /** Lower case: title, rule, subject. */
    search_text: string;
  };
  alerts_problem_assets: { tenant: string; problem: string; asset: string };
  alerts_history: {
    tenant: string;
    problem: string;
    /** Rises with every line ever written. */
    seq: number;
    time_us: number;
    kind: HistoryKind;
    text: string;
    by_name: string | null;
  };
  alerts_downtimes: {
    tenant: string;
    id: string;
    kind: 'fixed' | 'flexible';
    scope: string;
    from_us: number;
    until_us: number;
    duration_us: number | null;
    comment: string;
    by_name: string;
    created_us: number;
    started_us: number | null;
    ended_us: number | null;
    cancelled_by: string | null;
  };
  alerts_routes: { tenant: string; id: string; position: number; definition: string };
  alerts_contacts: { tenant: string; id: string; name: string; definition: string };
  alerts_outbox: {
    tenant: string;
    /** Rises in the order in which notifications were decided. */
    id: string;
    contact: string;
    route: string;
    problem: string;
    kind: string;
    /** The notification as it was decided; later changes of the problem do not touch it. */
    payload: string;
    created_us: number;
    due_us: number;
    attempts: number;
    state: 'waiting' | 'sent' | 'failed' | 'dropped';
    last_error: string | null;
    sent_us: number | null;
    /** The digest that carried it. */
    digest: string | null;
  };
}
