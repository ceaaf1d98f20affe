import { Iso8601, pageOf, pageQuery, parseTime, TimeInput } from '@undercroft/http';
import {
  badRequest,
  type Clock,
  notFound,
  PROBLEM_STATES,
  type Principal,
  type Problem,
  type Route,
  route,
  toEdge,
} from '@undercroft/kernel';
import Type from 'typebox';
import type { Downtime, DowntimeScope } from '../engine/downtime.ts';
import { type AlertsService, MAX_COMMENT_LENGTH } from '../service.ts';
import { PROBLEM_SORTS } from '../state/problems.ts';

const TAG = 'Problems';
const MAX_BULK = 1000;

const Id = Type.String({ minLength: 1, maxLength: 64 });
const Params = Type.Object({ id: Id });
const Comment = Type.String({ maxLength: MAX_COMMENT_LENGTH });
const Json = Type.Unknown({ description: 'Any JSON value.' });
const State = Type.Union(PROBLEM_STATES.map((state) => Type.Literal(state)));

const problemFields = {
  id: Type.String(),
  tenant: Type.String(),
  source: Type.String(),
  rule: Type.String(),
  subject: Type.String(),
  assets: Type.Array(Type.String()),
  state: State,
  hard: Type.Boolean(),
  attempt: Type.Integer(),
  maxAttempts: Type.Integer(),
  title: Type.String(),
  detail: Type.String(),
  next: Type.String(),
  evidence: Type.Array(
    Type.Object({
      timeAt: Iso8601,
      source: Type.String(),
      text: Type.String(),
      eventId: Type.Optional(Type.String()),
      metric: Type.Optional(Type.String()),
    }),
  ),
  attributes: Type.Record(Type.String(), Json),
  openedAt: Iso8601,
  changedAt: Iso8601,
  lastReportAt: Iso8601,
  closedAt: Type.Optional(Iso8601),
  acknowledged: Type.Optional(
    Type.Object({
      by: Type.String(),
      timeAt: Iso8601,
      comment: Type.String(),
      sticky: Type.Boolean(),
      expiresAt: Type.Optional(Iso8601),
    }),
  ),
  downtime: Type.Optional(Type.Object({ id: Type.String(), untilAt: Iso8601 })),
  flapping: Type.Boolean(),
  behind: Type.Optional(Type.String({ description: 'The open problem that keeps this one quiet.' })),
};
const ProblemItem = Type.Object(problemFields, { title: 'Problem' });
const ProblemPage = Type.Object({
  ...problemFields,
  history: Type.Array(
    Type.Object({ timeAt: Iso8601, kind: Type.String(), text: Type.String(), by: Type.Optional(Type.String()) }),
  ),
});

const Scope = Type.Union([
  Type.Object({ kind: Type.Literal('problem'), problem: Id }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal('asset'), asset: Id }, { additionalProperties: false }),
  Type.Object(
    {
      kind: Type.Literal('query'),
      query: Type.String({ minLength: 1, maxLength: 2000, description: 'Search line of assets.' }),
    },
    { additionalProperties: false },
  ),
]);
const DowntimeItem = Type.Object(
  {
    id: Type.String(),
    tenant: Type.String(),
    kind: Type.Union([Type.Literal('fixed'), Type.Literal('flexible')]),
    scope: Scope,
    fromAt: Iso8601,
    untilAt: Iso8601,
    durationS: Type.Optional(Type.Number()),
    comment: Type.String(),
    by: Type.String(),
    createdAt: Iso8601,
    startedAt: Type.Optional(Iso8601),
    endedAt: Type.Optional(Iso8601),
    cancelledBy: Type.Optional(Type.String()),
  },
  { title: 'Downtime' },
);

export function problemRoutes(alerts: AlertsService, clock: Clock): readonly Route[] {
  const time = (text: string, field: string): number => parseTime(text, field, clock.nowUs()) as number;

  /** @throws UndercroftError `not-found`, also for another tenant's problem */
  const problemFor = async (id: string, principal: Principal): Promise<Problem> => {
    const problem = await alerts.get(id);
    if (problem === undefined || !(principal.owner || principal.tenant === problem.tenant))
      throw notFound('problem', id);
    return problem;
  };

  return [
    route({
      method: 'GET',
      path: '/problems',
      summary: 'List problems',
      tag: TAG,
      query: pageQuery(
        {
          open: Type.Optional(Type.Boolean({ description: 'Only open ones, or only closed ones.' })),
          state: Type.Optional(
            Type.Array(Type.Enum([...PROBLEM_STATES]), {
              minItems: 1,
              maxItems: PROBLEM_STATES.length,
              description: 'One or several: `warning,critical`.',
            }),
          ),
          asset: Type.Optional(Id),
          source: Type.Optional(Type.String({ maxLength: 200 })),
          q: Type.Optional(Type.String({ maxLength: 1000, description: 'Words in title, rule or subject.' })),
          from: Type.Optional(TimeInput),
          to: Type.Optional(TimeInput),
        },
        PROBLEM_SORTS,
      ),
      response: pageOf(ProblemItem),
      async handler({ query, principal }) {
        const { q, state, from, to, ...rest } = query;
        const fromUs = parseTime(from, 'from', clock.nowUs());
        const toUs = parseTime(to, 'to', clock.nowUs());
        const filter = {
          ...rest,
          tenant: principal.tenant,
          ...(state === undefined ? {} : { states: state }),
          ...(fromUs === undefined ? {} : { fromUs }),
          ...(toUs === undefined ? {} : { toUs }),
        };
        return toEdge(await alerts.list(filter, q)) as never;
      },
    }),
    route({
      method: 'GET',
      path: '/problems/{id}',
      summary: 'One problem with its history',
      tag: TAG,
      params: Params,
      response: ProblemPage,
      async handler({ params: { id }, principal }) {
        const problem = await problemFor(id, principal);
        const lines = await alerts.lines(id);
        const history = lines.map(({ timeUs, kind, text, by }) => ({ timeUs, kind, text, by }));
        return toEdge({ ...problem, history }) as never;
      },
    }),
    route({
      method: 'POST',
      path: '/problems/{id}/acknowledge',
      summary: 'Acknowledge a problem: no more notifications until it changes, or until it is ok',
      tag: TAG,
      params: Params,
      body: Type.Object(
        {
          comment: Type.Optional(Comment),
          sticky: Type.Optional(Type.Boolean({ description: 'Until it is ok, whatever state it takes.' })),
          expiresAt: Type.Optional(TimeInput),
        },
        { additionalProperties: false },
      ),
      response: ProblemItem,
      async handler({ params: { id }, body, principal, auditDetail }) {
        await problemFor(id, principal);
        const { expiresAt, ...rest } = body;
        const expiry = expiresAt === undefined ? {} : { expiresUs: time(expiresAt, 'expiresAt') };
        const problem = await alerts.acknowledge(id, principal.name, { ...rest, ...expiry });
        auditDetail(`acknowledged ${problem.title}`);
        return toEdge(problem) as never;
      },
    }),
    route({
      method: 'DELETE',
      path: '/problems/{id}/acknowledge',
      summary: 'Take an acknowledgement back',
      tag: TAG,
      params: Params,
      response: ProblemItem,
      async handler({ params: { id }, principal }) {
        await problemFor(id, principal);
        return toEdge(await alerts.unacknowledge(id, principal.name)) as never;
      },
    }),
    route({
      method: 'POST',
      path: '/problems/{id}/comment',
      summary: 'Comment on a problem',
      tag: TAG,
      params: Params,
      body: Type.Object(
        { text: Type.String({ minLength: 1, maxLength: MAX_COMMENT_LENGTH }) },
        { additionalProperties: false },
      ),
      response: ProblemItem,
      async handler({ params: { id }, body: { text }, principal }) {
        await problemFor(id, principal);
        return toEdge(await alerts.comment(id, principal.name, text)) as never;
      },
    }),
    route({
      method: 'POST',
      path: '/problems/{id}/downtime',
      summary: 'Put a problem into downtime from now on',
      tag: TAG,
      params: Params,
      body: Type.Object(
        { untilAt: TimeInput, comment: Type.String({ maxLength: MAX_COMMENT_LENGTH, default: '' }) },
        { additionalProperties: false },
      ),
      response: DowntimeItem,
      status: 201,
      async handler({ params: { id }, body, principal }) {
        const problem = await problemFor(id, principal);
        const downtime = await alerts.addDowntime(problem.tenant, principal.name, {
          kind: 'fixed',
          scope: { kind: 'problem', problem: id },
          untilUs: time(body.untilAt, 'untilAt'),
          comment: body.comment,
        });
        return downtimeItem(downtime);
      },
    }),
    route({
      method: 'POST',
      path: '/problems/bulk',
      summary: 'Acknowledge many problems, or put them into downtime',
      description: 'Each is done by itself; `items` says of each whether it was.',
      tag: TAG,
      body: Type.Object(
        {
          ids: Type.Array(Id, { minItems: 1, maxItems: MAX_BULK }),
          action: Type.Union([Type.Literal('acknowledge'), Type.Literal('downtime')]),
          comment: Type.Optional(Comment),
          sticky: Type.Optional(Type.Boolean()),
          untilAt: Type.Optional(TimeInput),
        },
        { additionalProperties: false },
      ),
      response: Type.Object({
        items: Type.Array(
          Type.Object({
            id: Type.String(),
            done: Type.Boolean(),
            error: Type.Optional(Type.String()),
            code: Type.Optional(Type.String()),
          }),
        ),
      }),
      async handler({ body, principal, auditDetail }) {
        const { ids, action, comment = '', sticky, untilAt } = body;
        const known: string[] = [];
        const unknown: { id: string; done: false; error: string; code: string }[] = [];
        for (const id of ids) {
          const problem = await alerts.get(id);
          if (problem?.tenant === principal.tenant) known.push(id);
          else unknown.push({ id, done: false, error: `There is no problem "${id}".`, code: 'not-found' });
        }
        auditDetail(`${action} of ${known.length} problems`);
        if (action === 'acknowledge') {
          const how = { action, comment, ...(sticky === undefined ? {} : { sticky }) };
          return { items: [...(await alerts.bulk(known, principal.tenant, principal.name, how)), ...unknown] };
        }
        if (untilAt === undefined) {
          throw badRequest(
            'alerts.downtime.end',
            'A downtime needs an end.',
            'Give untilAt, such as 2026-11-24T22:00:00Z.',
          );
        }
        const how = { action, comment, untilUs: time(untilAt, 'untilAt') };
        return { items: [...(await alerts.bulk(known, principal.tenant, principal.name, how)), ...unknown] };
      },
    }),
    route({
      method: 'GET',
      path: '/downtimes',
      summary: 'List downtimes, newest first',
      tag: TAG,
      query: Type.Object(
        { limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }) },
        { additionalProperties: false },
      ),
      response: Type.Object({ items: Type.Array(DowntimeItem) }),
      async handler({ query, principal }) {
        return { items: (await alerts.downtimes(principal.tenant, query.limit)).map(downtimeItem) };
      },
    }),
    route({
      method: 'POST',
      path: '/downtimes',
      summary: 'Plan a downtime of a problem, an asset, or all assets that a search finds',
      tag: TAG,
      refusals: { 404: 'There is no such problem or asset.' },
      body: Type.Object(
        {
          kind: Type.Union([Type.Literal('fixed'), Type.Literal('flexible')], {
            default: 'fixed',
            description: 'flexible: begins with the first problem in its window and lasts durationS.',
          }),
          scope: Scope,
          fromAt: Type.Optional(TimeInput),
          untilAt: TimeInput,
          durationS: Type.Optional(Type.Number({ minimum: 1, maximum: 31_622_400 })),
          comment: Type.String({ maxLength: MAX_COMMENT_LENGTH, default: '' }),
        },
        { additionalProperties: false },
      ),
      response: DowntimeItem,
      status: 201,
      async handler({ body, principal }) {
        const downtime = await alerts.addDowntime(principal.tenant, principal.name, {
          kind: body.kind,
          scope: body.scope as DowntimeScope,
          ...(body.fromAt === undefined ? {} : { fromUs: time(body.fromAt, 'fromAt') }),
          untilUs: time(body.untilAt, 'untilAt'),
          ...(body.durationS === undefined ? {} : { durationUs: Math.round(body.durationS * 1e6) }),
          comment: body.comment,
        });
        return downtimeItem(downtime);
      },
    }),
    route({
      method: 'DELETE',
      path: '/downtimes/{id}',
      summary: 'End a downtime now, or cancel one to come',
      tag: TAG,
      params: Params,
      response: Type.Object({ id: Type.String() }),
      async handler({ params: { id }, principal }) {
        await alerts.cancelDowntime(id, principal.tenant, principal.name);
        return { id };
      },
    }),
  ];
}

function downtimeItem(downtime: Downtime) {
  const { durationUs, ...rest } = downtime;
  return { ...toEdge(rest), ...(durationUs === undefined ? {} : { durationS: durationUs / 1e6 }) } as never;
}
