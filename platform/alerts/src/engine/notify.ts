/** When a route tells its contacts about a problem. Pure: asked again at every change and every few seconds. */
import type { ProblemState } from '@undercroft/kernel';
import { inPeriod, type Period } from '../language/period.ts';

export type NoticeKind = 'problem' | 'repeat' | 'escalation' | 'flapping' | 'recovery';

/** The part of a route that decides when, not whether it is meant at all. */
export interface RouteTiming {
  readonly states: readonly ProblemState[];
  readonly contacts: readonly string[];
  /** From a hard state that the route waits for until the first notification. */
  readonly delayUs: number;
  /** 0: once. */
  readonly repeatUs: number;
  readonly recovery: boolean;
  readonly period?: Period;
  /** In rising order. Each is told once after so long without acknowledgement, and then with everything that follows. */
  readonly escalations: readonly { readonly afterUs: number; readonly contacts: readonly string[] }[];
}

/** What a route has told about a problem. Absent: it is not meant, or all is over. */
export interface RouteMemory {
  /** Notices so far; 0 while its delay runs. */
  readonly count: number;
  /** When it told first; while its delay runs, when that began. */
  readonly firstUs: number;
  readonly lastUs: number;
  /** As it was told last. */
  readonly state: ProblemState;
  /** Escalations done. */
  readonly steps: number;
  /** All who were told: they hear of the recovery. */
  readonly contacts: readonly string[];
  readonly toldFlapping?: boolean;
}

export interface NoticeSubject {
  readonly open: boolean;
  readonly state: ProblemState;
  readonly hard: boolean;
  readonly flapping: boolean;
  /** Acknowledged, in downtime, or behind another problem. */
  readonly quiet: boolean;
}

export interface Notice {
  readonly kind: NoticeKind;
  readonly contacts: readonly string[];
  /** Counts what the route has told about this problem, from 1. */
  readonly number: number;
}

export interface Decision {
  readonly notices: readonly Notice[];
  /** Undefined: nothing is to be remembered any more. */
  readonly memory: RouteMemory | undefined;
}

/** @param timeUs now */
export function decide(
  subject: NoticeSubject,
  route: RouteTiming,
  memory: RouteMemory | undefined,
  timeUs: number,
): Decision {
  if (!subject.open) return decideClosed(subject, route, memory);
  if (subject.flapping) return decideFlapping(route, memory);
  const settled = memory?.toldFlapping ? { ...memory, toldFlapping: false } : memory;
  const stay: Decision = { notices: [], memory: settled };
  if (!subject.hard || !route.states.includes(subject.state)) {
    return settled?.count === 0 ? { notices: [], memory: undefined } : stay;
  }
  const inTime = route.period === undefined || inPeriod(route.period, timeUs / 1000);
  if (settled === undefined || settled.count === 0) {
    const sinceUs = settled?.firstUs ?? timeUs;
    const due = !subject.quiet && inTime && timeUs - sinceUs >= route.delayUs;
    return due ? first(subject, route, timeUs) : { notices: [], memory: waiting(subject, sinceUs) };
  }
  if (subject.quiet || !inTime) return stay;
  if (settled.state !== subject.state) return tell('problem', subject, settled, reached(route, settled.steps), timeUs);
  const escalated = escalate(subject, route, settled, timeUs);
  if (escalated !== undefined) return escalated;
  if (route.repeatUs > 0 && timeUs - settled.lastUs >= route.repeatUs) {
    return tell('repeat', subject, settled, reached(route, settled.steps), timeUs);
  }
  return stay;
}

function decideClosed(subject: NoticeSubject, route: RouteTiming, memory: RouteMemory | undefined): Decision {
  if (memory === undefined || memory.count === 0) return { notices: [], memory: undefined };
  if (subject.flapping) return decideFlapping(route, memory);
  if (!route.recovery) return { notices: [], memory: undefined };
  return { notices: [{ kind: 'recovery', contacts: memory.contacts, number: memory.count + 1 }], memory: undefined };
}

/** Those who know of the problem are told once that it flaps; others hear of it when it has settled. */
function decideFlapping(route: RouteTiming, memory: RouteMemory | undefined): Decision {
  if (memory === undefined || memory.count === 0 || memory.toldFlapping) return { notices: [], memory };
  const number = memory.count + 1;
  return {
    notices: [{ kind: 'flapping', contacts: reached(route, memory.steps), number }],
    memory: { ...memory, count: number, toldFlapping: true },
  };
}

function waiting(subject: NoticeSubject, sinceUs: number): RouteMemory {
  return { count: 0, firstUs: sinceUs, lastUs: sinceUs, state: subject.state, steps: 0, contacts: [] };
}

function first(subject: NoticeSubject, route: RouteTiming, timeUs: number): Decision {
  const { contacts } = route;
  const memory = { count: 1, firstUs: timeUs, lastUs: timeUs, state: subject.state, steps: 0, contacts };
  return { notices: [{ kind: 'problem', contacts, number: 1 }], memory };
}

function escalate(
  subject: NoticeSubject,
  route: RouteTiming,
  memory: RouteMemory,
  timeUs: number,
): Decision | undefined {
  const steps = route.escalations.filter(({ afterUs }) => timeUs - memory.firstUs >= afterUs).length;
  if (steps <= memory.steps) return undefined;
  const contacts = [...new Set(route.escalations.slice(memory.steps, steps).flatMap((step) => step.contacts))];
  return tell('escalation', subject, { ...memory, steps }, contacts, timeUs);
}

function tell(
  kind: NoticeKind,
  subject: NoticeSubject,
  memory: RouteMemory,
  contacts: readonly string[],
  timeUs: number,
): Decision {
  const number = memory.count + 1;
  return {
    notices: [{ kind, contacts, number }],
    memory: {
      ...memory,
      count: number,
      lastUs: timeUs,
      state: subject.state,
      contacts: [...new Set([...memory.contacts, ...contacts])],
    },
  };
}

function reached(route: RouteTiming, steps: number): readonly string[] {
  const escalated = route.escalations.slice(0, steps).flatMap((step) => step.contacts);
  return [...new Set([...route.contacts, ...escalated])];
}
