/** Contacts and routes: checked when they are set, kept in memory, secrets sealed. */
import {
  badRequest,
  type ControlStore,
  conflict,
  type JsonObject,
  type JsonValue,
  notFound,
  PROBLEM_STATES,
} from '@undercroft/kernel';
import { Value } from 'typebox/value';
import type { Channel, ChannelSettings } from './channels/channel.ts';
import { checkPeriod, type Period } from './language/period.ts';
import type { AssetMatcher } from './matcher.ts';
import type { SecretBox } from './state/secrets.ts';
import { type Contact, loadContacts, loadRoutes, type Route, saveContact, saveRoute } from './state/settings.ts';
import type { AlertsTables } from './state/tables.ts';

export const MAX_CONTACTS = 1000;
export const MAX_ROUTES = 500;

export interface NotificationsOptions {
  readonly control: ControlStore;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly secrets: SecretBox;
  readonly matcher: AssetMatcher;
  readonly newId: () => string;
  /** Told after every change. */
  readonly changed: () => void;
}

export type ContactInput = Omit<Contact, 'id' | 'tenant' | 'secrets'>;
export type RouteInput = Omit<Route, 'id' | 'tenant'>;

export class Notifications {
  readonly #options: NotificationsOptions;
  #contacts: ReadonlyMap<string, Contact> = new Map();
  #routes: readonly Route[] = [];

  constructor(options: NotificationsOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    const db = this.#options.control.db<AlertsTables>();
    this.#contacts = new Map((await loadContacts(db)).map((contact) => [contact.id, contact]));
    this.#routes = await loadRoutes(db);
  }

  get contacts(): ReadonlyMap<string, Contact> {
    return this.#contacts;
  }

  get routes(): readonly Route[] {
    return this.#routes;
  }

  /** @throws UndercroftError `not-found` */
  contact(id: string, tenant: string): Contact {
    const contact = this.#contacts.get(id);
    if (contact === undefined || contact.tenant !== tenant) throw notFound('contact', id);
    return contact;
  }

  /** @throws UndercroftError `not-found` */
  route(id: string, tenant: string): Route {
    const route = this.#routes.find((candidate) => candidate.id === id && candidate.tenant === tenant);
    if (route === undefined) throw notFound('route', id);
    return route;
  }

  /** With secrets. @throws UndercroftError `alerts.secret` */
  settingsOf(contact: Contact): ChannelSettings {
    const opened = Object.entries(contact.secrets).map(([name, sealed]) => [
      name,
      this.#options.secrets.open(`${contact.id}/${name}`, sealed),
    ]);
    return { ...contact.settings, ...Object.fromEntries(opened) };
  }

  /** @throws UndercroftError `alerts.contact.*` (400, 409) */
  addContact(tenant: string, input: ContactInput): Promise<Contact> {
    if (this.#contacts.size >= MAX_CONTACTS)
      throw conflict('alerts.contact.limit', `There are ${MAX_CONTACTS} contacts.`);
    return this.#putContact({ ...input, id: this.#options.newId(), tenant, secrets: {} });
  }

  /** Settings are taken whole; a secret that is left out stays as it is, `null` removes it. */
  changeContact(id: string, tenant: string, change: Partial<ContactInput>): Promise<Contact> {
    const before = this.contact(id, tenant);
    return this.#putContact({ ...before, ...change }, before);
  }

  async removeContact(id: string, tenant: string): Promise<void> {
    const contact = this.contact(id, tenant);
    const used = this.#routes.filter((route) => contactsOf(route).includes(id)).map((route) => route.name);
    if (used.length > 0) {
      throw conflict(
        'alerts.contact.used',
        `${contact.name} is told by ${used.join(', ')}.`,
        'Take it out of those routes first.',
      );
    }
    await this.#options.control.write<void, AlertsTables>(async (tx) => {
      await tx.deleteFrom('alerts_contacts').where('tenant', '=', tenant).where('id', '=', id).execute();
    });
    await this.#reload();
  }

  /** @throws UndercroftError `alerts.route.*`, `alerts.period`, `inventory.query.*` (400) */
  addRoute(tenant: string, input: RouteInput): Promise<Route> {
    if (this.#routes.length >= MAX_ROUTES) throw conflict('alerts.route.limit', `There are ${MAX_ROUTES} routes.`);
    return this.#putRoute({ ...input, id: this.#options.newId(), tenant });
  }

  /** A period of `null` makes it always. */
  changeRoute(
    id: string,
    tenant: string,
    change: Partial<Omit<RouteInput, 'period'>> & { readonly period?: Period | null },
  ): Promise<Route> {
    const { period, ...rest } = { ...this.route(id, tenant), ...change };
    return this.#putRoute({ ...rest, ...(period === null || period === undefined ? {} : { period }) });
  }

  async removeRoute(id: string, tenant: string): Promise<void> {
    this.route(id, tenant);
    await this.#options.control.write<void, AlertsTables>(async (tx) => {
      await tx.deleteFrom('alerts_routes').where('tenant', '=', tenant).where('id', '=', id).execute();
    });
    await this.#reload();
  }

  async #putContact(contact: Contact, before?: Contact): Promise<Contact> {
    const channel = this.#options.channels.get(contact.channel);
    if (channel === undefined) {
      const known = [...this.#options.channels.keys()].join(', ');
      throw badRequest(
        'alerts.contact.channel',
        `There is no channel ${JSON.stringify(contact.channel)}.`,
        `Use one of ${known}.`,
      );
    }
    const same = [...this.#contacts.values()].find(
      (other) => other.tenant === contact.tenant && other.name === contact.name && other.id !== contact.id,
    );
    if (same !== undefined)
      throw conflict('alerts.contact.name', `There is a contact ${contact.name} already.`, 'Choose another name.');
    const kept = before?.channel === contact.channel ? before.secrets : {};
    const { settings, secrets } = this.#sealed(contact, channel, kept);
    const checked = { ...contact, settings, secrets };
    checkSettings(channel, this.settingsOf(checked));
    await this.#options.control.write<void, AlertsTables>((tx) => saveContact(tx, checked));
    await this.#reload();
    return checked;
  }

  /** Takes the secrets out of the settings. */
  #sealed(
    contact: Contact,
    channel: Channel,
    kept: Readonly<Record<string, string>>,
  ): { settings: JsonObject; secrets: Record<string, string> } {
    const secrets: Record<string, string> = { ...kept };
    const settings: Record<string, JsonValue> = Value.Default(channel.settings, { ...contact.settings }) as never;
    for (const name of channel.secrets) {
      const value = settings[name];
      delete settings[name];
      if (value === null) delete secrets[name];
      else if (typeof value === 'string') secrets[name] = this.#options.secrets.seal(`${contact.id}/${name}`, value);
      else if (value !== undefined) throw badRequest('alerts.contact.settings', `settings.${name} is not a text.`);
    }
    return { settings, secrets };
  }

  async #putRoute(route: Route): Promise<Route> {
    for (const id of contactsOf(route)) {
      if (this.#contacts.get(id)?.tenant !== route.tenant) {
        throw badRequest(
          'alerts.route.contact',
          `There is no contact ${JSON.stringify(id)}.`,
          'Name contacts by their id.',
        );
      }
    }
    const odd = route.match.states.find((state) => state === 'ok' || !PROBLEM_STATES.includes(state));
    if (odd !== undefined)
      throw badRequest('alerts.route.states', `A route cannot wait for the state ${JSON.stringify(odd)}.`);
    if (route.period !== undefined) checkPeriod(route.period);
    if (route.match.assets !== undefined) await this.#options.matcher.check(route.match.assets, route.tenant);
    const escalations = route.escalations.toSorted((a, b) => a.afterS - b.afterS);
    const checked = { ...route, escalations };
    const position = this.#routes.length;
    await this.#options.control.write<void, AlertsTables>((tx) => saveRoute(tx, checked, position));
    await this.#reload();
    return checked;
  }

  async #reload(): Promise<void> {
    await this.load();
    this.#options.changed();
  }
}

function contactsOf(route: Route): string[] {
  return [...route.contacts, ...route.escalations.flatMap((step) => step.contacts)];
}

function checkSettings(channel: Channel, settings: ChannelSettings): void {
  const [error] = Value.Errors(channel.settings, settings);
  if (error === undefined) return;
  const where = `settings${error.instancePath.replaceAll('/', '.')}`;
  throw badRequest(
    'alerts.contact.settings',
    `${where} ${error.message}.`,
    `See the settings of the channel ${channel.name}.`,
  );
}
