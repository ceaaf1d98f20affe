/**
 * Sends what the outbox holds. Each notification is sent at least once: it leaves the outbox after the other side has
 * taken it, so that a crash in between sends it again, with the same id. Failures are tried again with growing
 * pauses; what is given up is counted, shown in Coverage and in the problem's history.
 */
import type { Clock, ControlStore, Log } from '@undercroft/kernel';
import { type Channel, ChannelError, type ChannelSettings } from './channels/channel.ts';
import { digestMessage, type Message } from './engine/message.ts';
import { MAX_ATTEMPTS, MINUTE_US, plan, retryAfterUs } from './engine/sending.ts';
import { dueItems, markItems, type OutboxChange, type OutboxItem } from './state/outbox.ts';
import { saveLines } from './state/problems.ts';
import type { Contact } from './state/settings.ts';
import type { AlertsTables } from './state/tables.ts';

/** Beyond the time limits of the channels themselves. */
const SEND_TIMEOUT_MS = 320_000;

export interface DispatcherOptions {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly contacts: () => ReadonlyMap<string, Contact>;
  /** With its secrets. @throws UndercroftError `alerts.secret` */
  readonly settingsOf: (contact: Contact) => ChannelSettings;
  readonly consoleUrl: () => string | undefined;
  readonly nextSeq: () => number;
  /** A notification was given up. */
  readonly gaveUp: () => void;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #sentUs = new Map<string, number[]>();
  readonly #lastDigestUs = new Map<string, number>();
  /** Taken by the other side, but the store could not note it: not to be sent again while this process lives. */
  readonly #unmarked = new Map<string, OutboxChange>();
  #running: Promise<void> | undefined;
  #again = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Works off what is due; a call meanwhile makes it look once more. */
  run(): Promise<void> {
    if (this.#running !== undefined) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#loop().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Resolves when nothing is being sent. */
  async settled(): Promise<void> {
    await this.#running?.catch(() => undefined);
  }

  /** Sends one message beside the outbox. @throws ChannelError, UndercroftError `alerts.secret` */
  async sendNow(contact: Contact, message: Message): Promise<void> {
    const channel = this.#options.channels.get(contact.channel);
    if (channel === undefined) throw new ChannelError(`There is no channel ${contact.channel}`, { final: true });
    const signal = AbortSignal.any([this.#options.signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]);
    await channel.send(message, this.#options.settingsOf(contact), { signal });
  }

  async #loop(): Promise<void> {
    const { control, clock, signal } = this.#options;
    do {
      this.#again = false;
      const items = await dueItems(control.db<AlertsTables>(), clock.nowUs());
      const byContact = new Map<string, OutboxItem[]>();
      for (const item of items) byContact.set(item.contact, [...(byContact.get(item.contact) ?? []), item]);
      await Promise.all([...byContact].map(([contact, waiting]) => this.#serve(contact, waiting)));
    } while (this.#again && !signal.aborted);
  }

  async #serve(id: string, due: readonly OutboxItem[]): Promise<void> {
    const items = await this.#markSent(due);
    if (items.length === 0) return;
    const contact = this.#options.contacts().get(id);
    if (contact === undefined || !contact.enabled) {
      await this.#mark(items, {
        state: 'dropped',
        error: contact === undefined ? 'The contact was deleted' : 'The contact is off',
      });
      return;
    }
    const nowUs = this.#options.clock.nowUs();
    const sentUs = (this.#sentUs.get(id) ?? []).filter((timeUs) => nowUs - timeUs < MINUTE_US);
    this.#sentUs.set(id, sentUs);
    const next = plan(items.length, sentUs, this.#lastDigestUs.get(id), contact.perMinute, nowUs);
    if (next.kind === 'wait') return;
    if (next.kind === 'digest') {
      const last = items.at(-1) as OutboxItem;
      const messages = items.map((item) => item.message);
      const message = digestMessage(last.id, messages, nowUs, this.#options.consoleUrl());
      if (await this.#send(contact, message, items, [])) this.#lastDigestUs.set(id, nowUs);
      return;
    }
    for (const [index, item] of items.entries()) {
      if (this.#options.signal.aborted) return;
      if (!(await this.#send(contact, item.message, [item], items.slice(index + 1)))) return;
    }
  }

  /**
   * @param carried what the message stands for
   * @param rest of the same contact: waits too when the other side cannot be reached
   * @returns whether to go on with this contact
   */
  async #send(
    contact: Contact,
    message: Message,
    carried: readonly OutboxItem[],
    rest: readonly OutboxItem[],
  ): Promise<boolean> {
    const { clock, signal, log } = this.#options;
    try {
      await this.sendNow(contact, message);
    } catch (error) {
      if (signal.aborted) return false;
      const final = error instanceof ChannelError && error.final;
      log.warn({ error, contact: contact.name, notification: message.id }, 'A notification was not taken.');
      await this.#failed(contact, carried, rest, error as Error, final);
      return final;
    }
    const nowUs = clock.nowUs();
    this.#sentUs.get(contact.id)?.push(nowUs);
    const digest = message.kind === 'digest' ? { digest: message.id } : {};
    for (const item of carried) this.#unmarked.set(item.id, { state: 'sent', sentUs: nowUs, ...digest });
    await this.#markSent(carried);
    return true;
  }

  /** @returns those that are still to be sent */
  async #markSent(items: readonly OutboxItem[]): Promise<readonly OutboxItem[]> {
    const sent = items.filter((item) => this.#unmarked.has(item.id));
    if (sent.length > 0) {
      await this.#options.control.write<void, AlertsTables>(async (tx) => {
        for (const item of sent) await markItems(tx, [item], this.#unmarked.get(item.id) as OutboxChange);
      });
      for (const item of sent) this.#unmarked.delete(item.id);
    }
    return items.filter((item) => !sent.includes(item));
  }

  async #failed(
    contact: Contact,
    carried: readonly OutboxItem[],
    rest: readonly OutboxItem[],
    error: Error,
    final: boolean,
  ): Promise<void> {
    const nowUs = this.#options.clock.nowUs();
    for (const item of carried) {
      const attempts = item.attempts + 1;
      if (final || attempts >= MAX_ATTEMPTS) await this.#giveUp(contact, item, attempts, error, nowUs);
      else {
        const dueUs = nowUs + retryAfterUs(attempts);
        await this.#mark([item], { state: 'waiting', attempts, dueUs, error: error.message });
      }
    }
    if (!final) {
      const dueUs = nowUs + retryAfterUs((carried[0]?.attempts ?? 0) + 1);
      await this.#mark(rest, { state: 'waiting', dueUs });
    }
  }

  async #giveUp(contact: Contact, item: OutboxItem, attempts: number, error: Error, nowUs: number): Promise<void> {
    const { control, nextSeq, gaveUp } = this.#options;
    const text = `${item.kind} to ${contact.name} was given up after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}: ${error.message}`;
    await control.write<void, AlertsTables>(async (tx) => {
      await markItems(tx, [item], { state: 'failed', attempts, error: error.message });
      await saveLines(
        tx,
        [{ tenant: item.tenant, problem: item.problem, timeUs: nowUs, kind: 'not-sent', text }],
        nextSeq,
      );
    });
    gaveUp();
  }

  async #mark(items: readonly OutboxItem[], change: OutboxChange): Promise<void> {
    if (items.length === 0) return;
    await this.#options.control.write<void, AlertsTables>((tx) => markItems(tx, items, change));
  }
}
