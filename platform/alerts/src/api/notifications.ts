import { Iso8601 } from '@undercroft/http';
import {
  type Route as ApiRoute,
  type Clock,
  type ControlStore,
  PROBLEM_STATES,
  route,
  toEdge,
} from '@undercroft/kernel';
import Type from 'typebox';
import type { Channel } from '../channels/channel.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { testMessage } from '../engine/message.ts';
import { DAYS } from '../language/period.ts';
import type { ContactInput, Notifications, RouteInput } from '../notifications.ts';
import { listOutbox } from '../state/outbox.ts';
import type { Contact, Route } from '../state/settings.ts';
import type { AlertsTables } from '../state/tables.ts';

const TAG = 'Notifications';

const Id = Type.String({ minLength: 1, maxLength: 64 });
const Params = Type.Object({ id: Id });
const Name = Type.String({ minLength: 1, maxLength: 200 });
const Json = Type.Unknown({ description: 'Any JSON value.' });

const contactFields = {
  name: Name,
  enabled: Type.Boolean(),
  channel: Type.String({ maxLength: 50 }),
  settings: Type.Record(Type.String(), Json, {
    description: 'As the channel declares them. Secret ones are taken and kept, never given; `null` removes one.',
  }),
  perMinute: Type.Integer({
    minimum: 1,
    maximum: 1000,
    description: 'More notifications within a minute are sent as one digest.',
  }),
};
const ContactItem = Type.Object(
  {
    id: Type.String(),
    tenant: Type.String(),
    ...contactFields,
    secretsSet: Type.Array(Type.String(), { description: 'Names of the secret settings that have a value.' }),
    unavailable: Type.Optional(Type.String({ description: 'Why its channel cannot be used here now.' })),
  },
  { title: 'Contact' },
);

const Period = Type.Object(
  {
    zone: Type.String({ minLength: 1, maxLength: 64, description: 'IANA time zone.' }),
    ranges: Type.Array(
      Type.Object(
        {
          days: Type.Array(Type.Union(DAYS.map((day) => Type.Literal(day))), { minItems: 1, maxItems: 7 }),
          from: Type.String({ pattern: '^\\d{2}:\\d{2}$' }),
          to: Type.String({
            pattern: '^\\d{2}:\\d{2}$',
            description: 'Exclusive; at or before `from` is on the next day.',
          }),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 50 },
    ),
  },
  { additionalProperties: false },
);
const ContactIds = Type.Array(Id, { maxItems: 50 });
const Seconds = Type.Integer({ minimum: 0, maximum: 31_622_400 });
const routeFields = {
  name: Name,
  enabled: Type.Boolean(),
  match: Type.Object(
    {
      states: Type.Array(Type.Union(PROBLEM_STATES.map((state) => Type.Literal(state))), { minItems: 1, maxItems: 5 }),
      assets: Type.Optional(
        Type.String({ maxLength: 2000, description: 'Search line; one asset of the problem must match.' }),
      ),
      source: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
      rule: Type.Optional(
        Type.String({ minLength: 1, maxLength: 200, description: 'With `*`: `metrics.filesystem.*`.' }),
      ),
    },
    { additionalProperties: false },
  ),
  contacts: ContactIds,
  delayS: Seconds,
  repeatS: Seconds,
  recovery: Type.Boolean(),
  escalations: Type.Array(
    Type.Object(
      { afterS: Type.Integer({ minimum: 1, maximum: 31_622_400 }), contacts: ContactIds },
      { additionalProperties: false },
    ),
    { maxItems: 20 },
  ),
};
const RouteItem = Type.Object(
  { id: Type.String(), tenant: Type.String(), ...routeFields, period: Type.Optional(Period) },
  { title: 'NotificationRoute' },
);

const CONTACT_DEFAULTS = { enabled: true, perMinute: 10 };
const ROUTE_DEFAULTS = {
  enabled: true,
  match: { states: ['warning', 'critical', 'unknown'] as const },
  delayS: 0,
  repeatS: 0,
  recovery: true,
  escalations: [],
};

export interface NotificationApi {
  readonly notifications: Notifications;
  readonly dispatcher: Dispatcher;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly newId: () => string;
}

export function notificationRoutes(api: NotificationApi): readonly ApiRoute[] {
  const { notifications, channels } = api;
  const contactItem = ({ secrets, ...contact }: Contact) => {
    const unavailable = channels.get(contact.channel)?.unavailable();
    return {
      ...contact,
      secretsSet: Object.keys(secrets),
      ...(unavailable === undefined ? {} : { unavailable }),
    } as never;
  };
  const routeItem = (item: Route) => item as never;

  return [
    route({
      method: 'GET',
      path: '/notifications/channels',
      summary: 'List the channels and what their contacts set',
      tag: TAG,
      response: Type.Object({
        items: Type.Array(
          Type.Object({
            name: Type.String(),
            summary: Type.String(),
            settings: Json,
            secrets: Type.Array(Type.String()),
            unavailable: Type.Optional(Type.String()),
          }),
        ),
      }),
      async handler() {
        const items = [...channels.values()].map((channel) => {
          const { name, summary, settings, secrets } = channel;
          const unavailable = channel.unavailable();
          return {
            name,
            summary,
            settings,
            secrets: [...secrets],
            ...(unavailable === undefined ? {} : { unavailable }),
          };
        });
        return { items };
      },
    }),
    route({
      method: 'GET',
      path: '/notifications/contacts',
      summary: 'List contacts',
      tag: TAG,
      response: Type.Object({ items: Type.Array(ContactItem) }),
      async handler({ principal }) {
        const own = [...notifications.contacts.values()].filter((contact) => contact.tenant === principal.tenant);
        return { items: own.map(contactItem) };
      },
    }),
    route({
      method: 'POST',
      path: '/notifications/contacts',
      summary: 'Add a contact',
      tag: TAG,
      body: Type.Object(
        {
          ...contactFields,
          enabled: Type.Optional(contactFields.enabled),
          settings: Type.Optional(contactFields.settings),
          perMinute: Type.Optional(contactFields.perMinute),
        },
        { additionalProperties: false },
      ),
      response: ContactItem,
      status: 201,
      async handler({ body, principal }) {
        const input = { ...CONTACT_DEFAULTS, settings: {}, ...body } as ContactInput;
        return contactItem(await notifications.addContact(principal.tenant, input));
      },
    }),
    route({
      method: 'GET',
      path: '/notifications/contacts/{id}',
      summary: 'One contact',
      tag: TAG,
      params: Params,
      response: ContactItem,
      async handler({ params: { id }, principal }) {
        return contactItem(notifications.contact(id, principal.tenant));
      },
    }),
    route({
      method: 'PATCH',
      path: '/notifications/contacts/{id}',
      summary: 'Change a contact',
      description: 'Settings are given whole; secret ones that are left out stay as they are.',
      tag: TAG,
      params: Params,
      body: Type.Partial(Type.Object(contactFields, { additionalProperties: false })),
      response: ContactItem,
      async handler({ params: { id }, body, principal }) {
        return contactItem(await notifications.changeContact(id, principal.tenant, body as Partial<ContactInput>));
      },
    }),
    route({
      method: 'DELETE',
      path: '/notifications/contacts/{id}',
      summary: 'Delete a contact',
      tag: TAG,
      params: Params,
      response: Type.Object({ id: Type.String() }),
      async handler({ params: { id }, principal }) {
        await notifications.removeContact(id, principal.tenant);
        return { id };
      },
    }),
    route({
      method: 'POST',
      path: '/notifications/contacts/{id}/test',
      summary: 'Send a test to a contact and say whether it was taken',
      tag: TAG,
      params: Params,
      timeoutMs: 330_000,
      response: Type.Object({ sent: Type.Boolean(), error: Type.Optional(Type.String()), durationMs: Type.Integer() }),
      async handler({ params: { id }, principal }) {
        const contact = notifications.contact(id, principal.tenant);
        const startMs = api.clock.monotonicMs();
        const message = testMessage(api.newId(), principal.tenant, principal.name, api.clock.nowUs());
        const duration = (): number => Math.round(api.clock.monotonicMs() - startMs);
        try {
          await api.dispatcher.sendNow(contact, message);
          return { sent: true, durationMs: duration() };
        } catch (error) {
          return { sent: false, error: (error as Error).message, durationMs: duration() };
        }
      },
    }),
    route({
      method: 'GET',
      path: '/notifications/routes',
      summary: 'List notification routes',
      tag: TAG,
      response: Type.Object({ items: Type.Array(RouteItem) }),
      async handler({ principal }) {
        return { items: notifications.routes.filter((item) => item.tenant === principal.tenant).map(routeItem) };
      },
    }),
    route({
      method: 'POST',
      path: '/notifications/routes',
      summary: 'Add a notification route',
      tag: TAG,
      body: Type.Object(
        {
          ...Type.Partial(Type.Object(routeFields)).properties,
          name: Name,
          contacts: ContactIds,
          period: Type.Optional(Period),
        },
        { additionalProperties: false },
      ),
      response: RouteItem,
      status: 201,
      async handler({ body, principal }) {
        const input = { ...ROUTE_DEFAULTS, ...body } as RouteInput;
        return routeItem(await notifications.addRoute(principal.tenant, input));
      },
    }),
    route({
      method: 'GET',
      path: '/notifications/routes/{id}',
      summary: 'One notification route',
      tag: TAG,
      params: Params,
      response: RouteItem,
      async handler({ params: { id }, principal }) {
        return routeItem(notifications.route(id, principal.tenant));
      },
    }),
    route({
      method: 'PATCH',
      path: '/notifications/routes/{id}',
      summary: 'Change a notification route',
      tag: TAG,
      params: Params,
      body: Type.Object(
        {
          ...Type.Partial(Type.Object(routeFields)).properties,
          period: Type.Optional(Type.Union([Period, Type.Null()], { description: 'null: always.' })),
        },
        { additionalProperties: false },
      ),
      response: RouteItem,
      async handler({ params: { id }, body, principal }) {
        return routeItem(await notifications.changeRoute(id, principal.tenant, body as never));
      },
    }),
    route({
      method: 'DELETE',
      path: '/notifications/routes/{id}',
      summary: 'Delete a notification route',
      tag: TAG,
      params: Params,
      response: Type.Object({ id: Type.String() }),
      async handler({ params: { id }, principal }) {
        await notifications.removeRoute(id, principal.tenant);
        return { id };
      },
    }),
    route({
      method: 'GET',
      path: '/notifications/sent',
      summary: 'What was sent, waits, or was given up, newest first',
      tag: TAG,
      query: Type.Object(
        { limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }) },
        { additionalProperties: false },
      ),
      response: Type.Object({
        items: Type.Array(
          Type.Object({
            id: Type.String(),
            kind: Type.String(),
            contact: Type.String(),
            contactName: Type.String(),
            route: Type.String(),
            problem: Type.String(),
            subject: Type.String(),
            state: Type.String(),
            attempts: Type.Integer(),
            createdAt: Iso8601,
            dueAt: Iso8601,
            sentAt: Type.Optional(Iso8601),
            lastError: Type.Optional(Type.String()),
            digest: Type.Optional(Type.String()),
          }),
        ),
      }),
      async handler({ query, principal }) {
        const items = await listOutbox(api.control.db<AlertsTables>(), principal.tenant, query.limit);
        return {
          items: items.map(({ message, tenant: _, ...item }) => {
            const contactName = notifications.contacts.get(item.contact)?.name ?? '';
            return toEdge({ ...item, contactName, subject: message.subject });
          }),
        } as never;
      },
    }),
  ];
}
