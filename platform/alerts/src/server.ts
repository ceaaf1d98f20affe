import { type Context, type Coverage, type Running, ulidSource } from '@undercroft/kernel';
import { notificationRoutes } from './api/notifications.ts';
import { problemRoutes } from './api/problems.ts';
import { channelsOf } from './channels/all.ts';
import type { Channel } from './channels/channel.ts';
import { Dispatcher } from './dispatcher.ts';
import { AssetMatcher } from './matcher.ts';
import type { AlertsConfig } from './module.ts';
import { Notifications } from './notifications.ts';
import { Pipeline } from './pipeline.ts';
import { ProblemAnnouncer } from './publish.ts';
import { AlertsService } from './service.ts';
import { countFailed, pruneOutbox } from './state/outbox.ts';
import { openSecretBox } from './state/secrets.ts';
import type { AlertsTables } from './state/tables.ts';

const TICK_MS = 5_000;
const PRUNE_MS = 3_600_000;
const SETTLE_US = 300e6;
const DAY_US = 86_400e6;

export interface AlertsRunning extends Running {
  stop(): Promise<void>;
  /** Resolves when nothing is being decided or sent. */
  settled(): Promise<void>;
}

export interface StartOptions {
  /** Channels beside the platform's own. */
  readonly channels?: readonly Channel[];
  /** How often it looks at what time alone has made due. */
  readonly tickMs?: number;
}

/** @param options what tests set */
export async function start(context: Context<AlertsConfig>, options: StartOptions = {}): Promise<AlertsRunning> {
  const { config, clock, scheduler, log, signal, dataDir } = context;
  const { tickMs = TICK_MS } = options;
  const { control } = context.service('store');
  const http = context.service('http');
  const coverage = context.service('coverage');
  const matcher = new AssetMatcher(context.service('inventory'), clock, log);
  const channels = new Map([
    ...channelsOf(config.scripts),
    ...(options.channels ?? []).map((channel) => [channel.name, channel] as const),
  ]);
  const nextId = ulidSource();
  const newId = (): string => nextId(clock.nowMs());
  const consoleUrl = (): string | undefined => {
    try {
      return http.address().url.replace(/\/$/, '');
    } catch {
      return undefined; // It does not listen yet: the message then goes without a link.
    }
  };
  const reportFailure = (what: string) => (error: unknown) => log.error({ error }, what);

  const notifications = new Notifications({
    control,
    channels,
    secrets: await openSecretBox(dataDir),
    matcher,
    newId,
    changed: () => {
      pipeline.refresh().catch(reportFailure('Could not decide anew after a change of contacts or routes.'));
      cover().catch(reportFailure('Could not report coverage.'));
    },
  });
  await notifications.load();

  const { enabled, highPercent, lowPercent } = config.flapping;
  const pipeline = new Pipeline({
    control,
    clock,
    settings: {
      flap: enabled ? { high: highPercent, low: Math.min(lowPercent, highPercent) } : undefined,
      reopenWithinUs: config.reopenWithinS * 1e6,
      afterParentUs: config.afterParentS * 1e6,
      settleUs: SETTLE_US,
    },
    matcher,
    announcer: new ProblemAnnouncer(context.service('events'), http.live),
    newId,
    routes: () => notifications.routes,
    contacts: () => notifications.contacts,
    consoleUrl,
    outboxFilled: () => void send(),
  });
  const dispatcher = new Dispatcher({
    control,
    clock,
    log,
    signal,
    channels,
    contacts: () => notifications.contacts,
    settingsOf: (contact) => notifications.settingsOf(contact),
    consoleUrl,
    nextSeq: () => pipeline.nextSeq(),
    gaveUp: () => void cover().catch(reportFailure('Could not report coverage.')),
  });
  const send = (): Promise<void> => dispatcher.run().catch(reportFailure('Could not work off the outbox.'));
  const cover = async (): Promise<void> => {
    const failed = await countFailed(control.db<AlertsTables>(), clock.nowUs() - DAY_US);
    reportCoverage(coverage, notifications, failed);
  };

  const alerts = new AlertsService({ control, clock, pipeline, matcher, newId });
  await pipeline.load();
  await cover();
  http.routes([
    ...problemRoutes(alerts, clock),
    ...notificationRoutes({ notifications, dispatcher, channels, control, clock, newId }),
  ]);
  context.provide('alerts', alerts);
  scheduler.every('alerts.tick', tickMs, () => pipeline.tick());
  scheduler.every('alerts.outbox', tickMs, () => dispatcher.run(), { firstMs: 0 });
  scheduler.every('alerts.prune', PRUNE_MS, async () => {
    const beforeUs = clock.nowUs() - config.keepSentDays * DAY_US;
    await control.write<void, AlertsTables>((tx) => pruneOutbox(tx, beforeUs));
    await cover();
  });
  const settled = async (): Promise<void> => {
    await pipeline.settled();
    await dispatcher.settled();
  };
  return {
    settled,
    async stop() {
      await pipeline.tick(true).catch(reportFailure('Could not write the last of the problems.'));
      await settled();
    },
  };
}

function reportCoverage(coverage: Pick<Coverage, 'report'>, notifications: Notifications, failed: number): void {
  const feature = 'Notifications';
  const contacts = [...notifications.contacts.values()].filter((contact) => contact.enabled).length;
  const routes = notifications.routes.filter((route) => route.enabled).length;
  if (contacts === 0) {
    const fix = 'Add a contact and a route: /app/settings/notifications';
    coverage.report({ feature, state: 'off', text: 'no contact yet', fix });
  } else if (routes === 0) {
    const fix = 'Add a route: /app/settings/notifications';
    coverage.report({ feature, state: 'warning', text: 'no route leads to a contact', fix });
  } else if (failed > 0) {
    const text = `${failed} could not be sent in the last day`;
    coverage.report({ feature, state: 'warning', text, fix: 'See what was refused: /app/settings/notifications' });
  } else {
    const text = `${contacts} ${contacts === 1 ? 'contact' : 'contacts'}, ${routes} ${routes === 1 ? 'route' : 'routes'}`;
    coverage.report({ feature, state: 'ok', text });
  }
}
