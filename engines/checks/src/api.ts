import { randomBytes } from 'node:crypto';
import { Iso8601, parseTime, TimeInput } from '@undercroft/http';
import {
  badRequest,
  type Clock,
  conflict,
  type JsonObject,
  type Principal,
  type Route,
  route,
  toEdge,
  UndercroftError,
} from '@undercroft/kernel';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { NATIVE_CHECKS } from './checks/kinds.ts';
import type { Check } from './engine/check.ts';
import type { CheckView, Runner } from './engine/runner.ts';
import { splitCommand } from './language/command-line.ts';
import type { CheckStore } from './state/checks.ts';

const TAG = 'Checks';
const DAY_US = 86_400e6;
const MAX_CHECKS = 50_000;
const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const KINDS = ['plugin', ...NATIVE_CHECKS.map((check) => check.kind)];

const Settings = {
  name: Type.String({ minLength: 1, maxLength: 200 }),
  intervalS: Type.Integer({ minimum: 1, maximum: 604_800, description: 'Seconds between two runs.' }),
  retryS: Type.Integer({
    minimum: 1,
    maximum: 604_800,
    description: 'Seconds between two runs while a problem is soft.',
  }),
  maxAttempts: Type.Integer({
    minimum: 1,
    maximum: 100,
    description: 'Bad results in a row until the problem is hard and notifies.',
  }),
  timeoutMs: Type.Integer({ minimum: 100, maximum: 600_000 }),
  enabled: Type.Boolean(),
  asset: Type.String({ maxLength: 64, description: 'The asset it is about; found by host or address if absent.' }),
  options: Type.Record(Type.String(), Type.Unknown(), {
    description: 'Of the kind. A plugin takes `command`: a line, or a list of words; only an owner gives it.',
  }),
};
const Kind = Type.Union(KINDS.map((kind) => Type.Literal(kind)));

const NewCheck = Type.Object(
  {
    name: Settings.name,
    kind: Kind,
    options: Settings.options,
    intervalS: Type.Optional(Settings.intervalS),
    retryS: Type.Optional(Settings.retryS),
    maxAttempts: Type.Optional(Settings.maxAttempts),
    timeoutMs: Type.Optional(Settings.timeoutMs),
    enabled: Type.Optional(Settings.enabled),
    asset: Type.Optional(Settings.asset),
  },
  { additionalProperties: false, title: 'NewCheck' },
);
const ChangedCheck = Type.Partial(Type.Object(Settings), { additionalProperties: false, title: 'CheckChanges' });

const Datum = Type.Object({
  label: Type.String(),
  value: Type.Union([Type.Number(), Type.Null()]),
  uom: Type.String(),
  warn: Type.Optional(Type.String()),
  crit: Type.Optional(Type.String()),
  min: Type.Optional(Type.Number()),
  max: Type.Optional(Type.Number()),
});
const State = Type.Union(['ok', 'warning', 'critical', 'unknown'].map((state) => Type.Literal(state)));

const CheckItem = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    kind: Kind,
    options: Settings.options,
    intervalS: Type.Integer(),
    retryS: Type.Integer(),
    maxAttempts: Type.Integer(),
    timeoutMs: Type.Integer(),
    enabled: Type.Boolean(),
    asset: Type.Optional(Type.String()),
    origin: Type.Union([Type.Literal('own'), Type.Literal('built-in')]),
    running: Type.Boolean(),
    nextAt: Type.Optional(Iso8601),
    status: Type.Optional(
      Type.Object({
        state: State,
        hard: Type.Boolean(),
        attempt: Type.Integer(),
        sinceAt: Iso8601,
        lastAt: Iso8601,
        durationMs: Type.Number(),
        output: Type.String(),
        longOutput: Type.String(),
        perfdata: Type.Array(Datum),
      }),
    ),
  },
  { title: 'Check' },
);

export function checksRoutes(runner: Runner, store: CheckStore, clock: Clock): readonly Route[] {
  const own = (tenant: string, id: string): CheckView => {
    const check = runner.view(tenant, id);
    if (check.origin === 'built-in')
      throw conflict(
        'checks.built-in',
        'This check comes with Undercroft.',
        'Switch it off with checks.self: false in the configuration.',
      );
    return check;
  };
  return [
    route({
      method: 'GET',
      path: '/checks',
      summary: 'List checks with their states',
      tag: TAG,
      query: Type.Object({ state: Type.Optional(State) }, { additionalProperties: false }),
      response: Type.Object({ items: Type.Array(CheckItem), total: Type.Integer() }),
      async handler({ query, principal }) {
        const items = runner
          .views(principal.tenant)
          .filter((check) => query.state === undefined || check.status?.state === query.state);
        return { items: items.map(item), total: items.length } as never;
      },
    }),
    route({
      method: 'POST',
      path: '/checks',
      summary: 'Add a check',
      tag: TAG,
      body: NewCheck,
      response: CheckItem,
      status: 201,
      async handler({ body, principal, auditDetail }) {
        if (runner.size >= MAX_CHECKS)
          throw conflict('checks.many', `There are ${MAX_CHECKS} checks already.`, 'Delete some.');
        if (body.kind === 'plugin') refuseProgram(principal);
        const check = made(body as Static<typeof NewCheck> & { kind: Check['kind'] }, principal.tenant);
        auditDetail(`check ${check.name}`);
        await store.save(check, clock.nowUs());
        runner.put(check);
        return item(runner.view(check.tenant, check.id)) as never;
      },
    }),
    route({
      method: 'GET',
      path: '/checks/{id}',
      summary: 'One check',
      tag: TAG,
      params: Params,
      response: CheckItem,
      handler: async ({ params, principal }) => item(runner.view(principal.tenant, params.id)) as never,
    }),
    route({
      method: 'PATCH',
      path: '/checks/{id}',
      summary: 'Change a check',
      tag: TAG,
      params: Params,
      body: ChangedCheck,
      response: CheckItem,
      async handler({ params, body, principal }) {
        const { status: _status, nextUs: _next, running: _running, ...before } = own(principal.tenant, params.id);
        if (before.kind === 'plugin' && body.options !== undefined) refuseProgram(principal);
        const changes =
          body.options === undefined
            ? body
            : { ...body, options: checkedOptions(before.kind, body.options as JsonObject) };
        const check: Check = { ...before, ...(changes as Partial<Check>) };
        await store.save(check, clock.nowUs());
        runner.put(check);
        return item(runner.view(check.tenant, check.id)) as never;
      },
    }),
    route({
      method: 'DELETE',
      path: '/checks/{id}',
      summary: 'Delete a check and its history',
      tag: TAG,
      params: Params,
      response: Type.Object({ deleted: Type.Boolean() }),
      async handler({ params, principal }) {
        const check = own(principal.tenant, params.id);
        runner.remove(check);
        await store.delete(check.tenant, check.id);
        return { deleted: true };
      },
    }),
    route({
      method: 'POST',
      path: '/checks/{id}/run',
      summary: 'Run a check now',
      tag: TAG,
      params: Params,
      response: CheckItem,
      timeoutMs: 610_000,
      handler: async ({ params, principal }) => item(await runner.runNow(principal.tenant, params.id)) as never,
    }),
    route({
      method: 'GET',
      path: '/checks/{id}/history',
      summary: 'When its state changed, newest first',
      description: 'The last change before `from` comes along: it is the state at the start.',
      tag: TAG,
      params: Params,
      query: Type.Object(
        { from: Type.Optional(TimeInput), to: Type.Optional(TimeInput) },
        { additionalProperties: false },
      ),
      response: Type.Object({
        items: Type.Array(
          Type.Object({
            timeAt: Iso8601,
            state: State,
            hard: Type.Boolean(),
            attempt: Type.Integer(),
            output: Type.String(),
          }),
        ),
      }),
      async handler({ params, query, principal }) {
        const check = runner.view(principal.tenant, params.id);
        const nowUs = clock.nowUs();
        const toUs = parseTime(query.to, 'to', nowUs) ?? nowUs;
        const fromUs = parseTime(query.from, 'from', nowUs) ?? toUs - DAY_US;
        return { items: toEdge(await store.history(check.tenant, check.id, fromUs, toUs)) } as never;
      },
    }),
  ];
}

function made(body: Static<typeof NewCheck> & { kind: Check['kind'] }, tenant: string): Check {
  const { name, kind, options, asset } = body;
  const intervalS = body.intervalS ?? 60;
  return {
    tenant,
    id: randomBytes(8).toString('hex'),
    name,
    kind,
    options: checkedOptions(kind, options as JsonObject),
    intervalS,
    retryS: body.retryS ?? Math.min(intervalS, 30),
    maxAttempts: body.maxAttempts ?? 3,
    timeoutMs: body.timeoutMs ?? 10_000,
    enabled: body.enabled ?? true,
    ...(asset === undefined ? {} : { asset }),
    origin: 'own',
  };
}

/**
 * A program runs with all the rights of the agent, so whoever names it holds the machine: no right on checks gives that.
 *
 * @throws UndercroftError `checks.program` (403)
 */
function refuseProgram(principal: Principal): void {
  if (!principal.owner)
    throw new UndercroftError('checks.program', 'Only an owner says which program runs on this machine.', {
      status: 403,
      fix: 'Ask an owner to add the plugin; or take a native check.',
    });
}

/** @throws UndercroftError `checks.options` naming each option that is wrong */
function checkedOptions(kind: Check['kind'], options: JsonObject): JsonObject {
  if (kind === 'plugin') {
    const { command } = options;
    const words = typeof command === 'string' ? splitCommand(command) : command;
    const isWord = (word: unknown): boolean => typeof word === 'string' && !word.includes('\0');
    if (!Array.isArray(words) || words.length === 0 || words[0] === '' || !words.every(isWord))
      throw badRequest('checks.options', 'A plugin needs `command`: a line, or a list of words.');
    return { command: words as readonly string[] };
  }
  const schema = NATIVE_CHECKS.find((check) => check.kind === kind)?.options;
  if (schema === undefined) throw badRequest('checks.kind', `There is no check ${JSON.stringify(kind)}.`);
  const errors = [...Value.Errors(schema, options)];
  if (errors.length > 0)
    throw badRequest(
      'checks.options',
      errors.map((error) => `options${error.instancePath.replaceAll('/', '.')}: ${error.message}`).join('; '),
    );
  return options;
}

function item(check: CheckView) {
  const { tenant: _tenant, ...rest } = check;
  return toEdge(rest);
}
