/** What a notification says. Plain data, so that it waits in the outbox as it was decided. */
import { isoFromUs, type ProblemState } from '@undercroft/kernel';
import { type ProblemRecord, spanText } from './problem.ts';

export interface MessageProblem {
  readonly id: string;
  readonly state: ProblemState;
  readonly title: string;
  readonly detail: string;
  readonly next: string;
  readonly source: string;
  readonly rule: string;
  readonly subject: string;
  readonly assets: readonly string[];
  readonly openedAt: string;
  readonly closedAt?: string;
  readonly evidence: readonly { readonly timeAt: string; readonly source: string; readonly text: string }[];
}

export interface Message {
  /** The same again when a notification is sent again after a crash or a failure. */
  readonly id: string;
  readonly kind: 'problem' | 'repeat' | 'escalation' | 'flapping' | 'recovery' | 'digest' | 'test';
  readonly tenant: string;
  readonly subject: string;
  readonly text: string;
  readonly timeAt: string;
  /** The page of the problem; of the list for a digest. */
  readonly url?: string;
  /** One; several in a digest. */
  readonly problems: readonly MessageProblem[];
}

const KIND_WORDS: Readonly<Record<string, string>> = {
  problem: '',
  repeat: 'Still ',
  escalation: 'Not acknowledged: ',
  flapping: 'Flapping: ',
};
const MAX_DIGEST_LINES = 50;
const MAX_EVIDENCE_LINES = 5;

export function problemMessage(
  id: string,
  kind: 'problem' | 'repeat' | 'escalation' | 'flapping' | 'recovery',
  record: ProblemRecord,
  timeUs: number,
  consoleUrl: string | undefined,
): Message {
  const { state } = record.machine;
  const url = consoleUrl === undefined ? undefined : `${consoleUrl}/app/problems?open=${record.id}`;
  const subject =
    kind === 'recovery'
      ? `Ok: ${record.title} (after ${spanText((record.closedUs ?? timeUs) - record.openedUs)})`
      : `${KIND_WORDS[kind]}${state}: ${record.title}`;
  const lines = [
    capital(subject),
    '',
    record.detail,
    record.next === '' ? '' : `Next: ${record.next}`,
    ...record.evidence
      .slice(-MAX_EVIDENCE_LINES)
      .map(({ timeUs: at, source, text }) => `- ${isoFromUs(at)} ${source}: ${text}`),
    `Open since ${isoFromUs(record.openedUs)}. Rule ${record.rule} of ${record.source}.`,
    url ?? '',
  ];
  return {
    id,
    kind,
    tenant: record.tenant,
    subject: capital(subject),
    text: `${lines.filter((line, index) => index === 1 || line !== '').join('\n')}\n`,
    timeAt: isoFromUs(timeUs),
    ...(url === undefined ? {} : { url }),
    problems: [messageProblem(record)],
  };
}

/** One message instead of a storm: the last word on each problem, worst first. */
export function digestMessage(
  id: string,
  messages: readonly Message[],
  timeUs: number,
  consoleUrl: string | undefined,
): Message {
  const last = new Map<string, Message>();
  for (const message of messages) for (const problem of message.problems) last.set(problem.id, message);
  const ordered = [...last.values()].sort((a, b) => rank(a) - rank(b));
  const open = ordered.filter((message) => message.kind !== 'recovery').length;
  const subject = `${last.size} problems: ${open} open, ${last.size - open} recovered`;
  const shown = ordered.slice(0, MAX_DIGEST_LINES).map((message) => `- ${message.subject}`);
  const more = ordered.length - shown.length;
  const url = consoleUrl === undefined ? undefined : `${consoleUrl}/app/problems`;
  const reason = `${messages.length} notifications came at once; this is one message instead.`;
  const lines = [reason, '', ...shown, more > 0 ? `- and ${more} more` : '', url ?? ''];
  return {
    id,
    kind: 'digest',
    tenant: (messages[0] as Message).tenant,
    subject,
    text: `${lines.filter((line, index) => index === 1 || line !== '').join('\n')}\n`,
    timeAt: isoFromUs(timeUs),
    ...(url === undefined ? {} : { url }),
    problems: ordered.flatMap((message) => message.problems),
  };
}

export function testMessage(id: string, tenant: string, by: string, timeUs: number): Message {
  return {
    id,
    kind: 'test',
    tenant,
    subject: 'Test of this contact',
    text: `${by} has sent this to see whether notifications arrive. There is no problem.\n`,
    timeAt: isoFromUs(timeUs),
    problems: [],
  };
}

function messageProblem(record: ProblemRecord): MessageProblem {
  const { id, title, detail, next, source, rule, subject, assets } = record;
  return {
    id,
    state: record.machine.state,
    title,
    detail,
    next,
    source,
    rule,
    subject,
    assets,
    openedAt: isoFromUs(record.openedUs),
    ...(record.closedUs === undefined ? {} : { closedAt: isoFromUs(record.closedUs) }),
    evidence: record.evidence.map(({ timeUs, source: from, text }) => ({
      timeAt: isoFromUs(timeUs),
      source: from,
      text,
    })),
  };
}

function rank(message: Message): number {
  const order: readonly (ProblemState | undefined)[] = ['critical', 'unknown', 'warning', 'notice', 'ok', undefined];
  return order.indexOf(message.kind === 'recovery' ? 'ok' : message.problems[0]?.state);
}

function capital(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;
}
