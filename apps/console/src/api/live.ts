/**
 * Live changes in a page. `useLive(topic, handler)` follows a topic while the component is mounted and the tab is seen;
 * what arrives is handed over in batches, at most four times a second. After a cut that could not be resumed, and when
 * a hidden tab is seen again, the queries on screen are fetched again, so handlers only add what is new.
 */
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { LiveConnection, type LiveMessage, type LiveRequest, type LiveStatus } from './live-connection.ts';

export type { LiveStatus } from './live-connection.ts';

export const LIVE_BATCH_MS = 250;
const ALIVE_MS = 60_000;
const MAX_BATCH = 5_000;

type Handler = (items: readonly unknown[]) => void;

interface Subscription {
  readonly topic: string;
  readonly everyMs: number;
  readonly handler: Handler;
  items: unknown[];
  timer: ReturnType<typeof setTimeout> | undefined;
}

const subscriptions = new Set<Subscription>();
const statusListeners = new Set<() => void>();
const gapListeners = new Set<() => void>();
let status: LiveStatus = { state: 'idle', sinceMs: Date.now() };
let post: ((request: LiveRequest) => void) | undefined;
let followed = '';

export interface UseLiveOptions {
  /** Shortest time between two calls of the handler. @defaultValue 250 ms */
  readonly everyMs?: number;
  /** Off without unmounting. @defaultValue true */
  readonly enabled?: boolean;
}

/**
 * Follows `events`, `problems`, `assets`, `coverage`, `scans`, `checks`, `flows` or `metrics:<host>/<chart>`.
 *
 * @param topic undefined follows nothing
 * @param handler gets what came since its last call, oldest first; may be a new function on each render
 */
export function useLive<T>(
  topic: string | undefined,
  handler: (items: readonly T[]) => void,
  options: UseLiveOptions = {},
): void {
  const latest = useRef(handler);
  latest.current = handler;
  const { everyMs = LIVE_BATCH_MS, enabled = true } = options;
  useEffect(() => {
    if (topic === undefined || !enabled) return;
    return followTopic(topic, (items) => latest.current(items as readonly T[]), everyMs);
  }, [topic, everyMs, enabled]);
}

/** The same outside React. @returns unfollow */
export function followTopic(
  topic: string,
  handler: (items: readonly unknown[]) => void,
  everyMs = LIVE_BATCH_MS,
): () => void {
  const subscription: Subscription = { topic, everyMs, handler, items: [], timer: undefined };
  subscriptions.add(subscription);
  updateTopics();
  return () => {
    clearTimeout(subscription.timer);
    subscriptions.delete(subscription);
    updateTopics();
  };
}

export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(
    (listener) => {
      statusListeners.add(listener);
      return () => statusListeners.delete(listener);
    },
    () => status,
  );
}

/** Told of each change of the connection, outside React. @returns unsubscribe */
export function onLiveStatus(listener: (status: LiveStatus) => void): () => void {
  const tell = () => listener(status);
  statusListeners.add(tell);
  return () => {
    statusListeners.delete(tell);
  };
}

/** Called when what is shown may have missed changes. @returns unsubscribe */
export function onLiveGap(listener: () => void): () => void {
  gapListeners.add(listener);
  return () => {
    gapListeners.delete(listener);
  };
}

/** Opens the way to the connection; the app calls it once. */
export function startLive(): void {
  if (post !== undefined) return;
  post = openWorker() ?? openInPage();
  updateTopics();
  setInterval(() => post?.({ kind: 'alive' }), ALIVE_MS);
  let hiddenAt: number | undefined;
  document.addEventListener('visibilitychange', () => {
    updateTopics();
    if (document.visibilityState === 'hidden') hiddenAt = Date.now();
    else if (hiddenAt !== undefined && Date.now() - hiddenAt > 1_000) for (const listener of gapListeners) listener();
  });
  addEventListener('online', () => post?.({ kind: 'retry' }));
  addEventListener('pagehide', () => post?.({ kind: 'bye' }));
  addEventListener('pageshow', () => {
    followed = '';
    updateTopics();
  });
}

/** The session's token, for changing what the connection follows; also tries again after a sign-in. */
export function setLiveCsrf(token: string | undefined): void {
  post?.({ kind: 'csrf', token });
  if (token !== undefined) retryLive();
}

export function retryLive(): void {
  post?.({ kind: 'retry' });
}

function updateTopics(): void {
  const seen = document.visibilityState === 'visible';
  const topics = seen ? [...new Set([...subscriptions].map(({ topic }) => topic))].sort() : [];
  const text = topics.join(',');
  if (text === followed || post === undefined) return;
  followed = text;
  post({ kind: 'follow', topics });
}

function receive(message: LiveMessage): void {
  if (message.kind === 'status') {
    status = message.status;
    for (const listener of statusListeners) listener();
  } else if (message.kind === 'gap') {
    for (const listener of gapListeners) listener();
  } else {
    for (const subscription of subscriptions)
      if (subscription.topic === message.topic) queue(subscription, message.data);
  }
}

function queue(subscription: Subscription, item: unknown): void {
  subscription.items.push(item);
  if (subscription.items.length > MAX_BATCH) subscription.items.shift();
  subscription.timer ??= setTimeout(() => {
    subscription.timer = undefined;
    const items = subscription.items;
    subscription.items = [];
    subscription.handler(items);
  }, subscription.everyMs);
}

function openWorker(): ((request: LiveRequest) => void) | undefined {
  if (typeof SharedWorker === 'undefined') return undefined;
  try {
    const worker = new SharedWorker(new URL('./live-worker.ts', import.meta.url), {
      type: 'module',
      name: 'undercroft-live',
    });
    worker.port.onmessage = (event: MessageEvent<LiveMessage>) => receive(event.data);
    worker.port.start();
    return (request) => worker.port.postMessage(request);
  } catch {
    return undefined;
  }
}

function openInPage(): (request: LiveRequest) => void {
  const connection = new LiveConnection({ url: '/platform/v1/live' });
  const port = { send: receive };
  return (request) => connection.receive(port, request);
}
