/** `/live`: one stream a browser, and a way to change what it follows. */
import { notFound, type Principal, route, UndercroftError } from '@undercroft/kernel';
import Type from 'typebox';
import type { AnyRoute, StreamRoute } from '../api/endpoint.ts';
import type { Gatekeeper } from '../api/gatekeeper.ts';
import type { LiveHub } from './hub.ts';
import { MAX_TOPICS, TOPIC_PATTERN, topicAclPath } from './topics.ts';

const Topics = Type.Array(Type.String({ pattern: TOPIC_PATTERN }), { maxItems: MAX_TOPICS });

const LIVE_DESCRIPTION = `Server-sent events. The first is \`hello\` with the connection's id and the topics it follows
(\`denied\`: those it may not). Then each message has the topic as its \`event\` and JSON as its \`data\`. A stream that
comes back with \`Last-Event-ID\` (or \`after\`) gets what it has missed, or \`reset\` when that is no longer known or
the reader was too slow: what is shown must then be fetched again.

Topics: \`events\`, \`problems\`, \`assets\`, \`coverage\`, \`scans\`, \`checks\`, \`metrics:<host>/<chart>\`. Reading one
needs \`read\` on \`sys/undercroft/\` and the part before the colon.`;

export function liveRoutes(hub: LiveHub, gatekeeper: Gatekeeper): readonly AnyRoute[] {
  const stream: StreamRoute = {
    method: 'GET',
    path: '/live',
    summary: 'Follow what happens',
    description: LIVE_DESCRIPTION,
    tag: 'live',
    access: 'signed-in',
    query: Type.Object({
      topics: Type.Optional(Topics),
      after: Type.Optional(
        Type.String({ maxLength: 64, description: 'The last id seen, where the header cannot be sent.' }),
      ),
    }),
    response: Type.String(),
    contentType: 'text/event-stream; charset=utf-8',
    async stream(request, open) {
      const { topics = [], after } = request.query as { topics?: string[]; after?: string };
      const { allowed, denied } = sortOut(gatekeeper, request.principal, topics);
      if (allowed.length === 0 && denied.length > 0) {
        throw new UndercroftError('http.forbidden', `You may not follow ${denied.join(', ')}.`, { status: 403 });
      }
      const { headers, ip, principal } = request;
      const lastId = headers['last-event-id'];
      hub.open({
        principal,
        topics: allowed,
        denied,
        lastId: typeof lastId === 'string' ? lastId : after,
        open,
        isStillSignedIn: async () => {
          const now = await gatekeeper.guard
            ?.authenticate({ headers, method: 'GET', ip, passive: true })
            .catch(() => undefined);
          return now?.accessor === principal.accessor;
        },
      });
    },
  };
  const change = route({
    method: 'PUT',
    path: '/live/{connection}',
    summary: 'Change what a live stream follows',
    tag: 'live',
    access: 'signed-in',
    audit: false,
    params: Type.Object({ connection: Type.String({ minLength: 1, maxLength: 64 }) }),
    body: Type.Object({ topics: Topics }),
    response: Type.Object({ topics: Type.Array(Type.String()), denied: Type.Array(Type.String()) }),
    async handler({ params, body, principal }) {
      const { allowed, denied } = sortOut(gatekeeper, principal, body.topics);
      if (!hub.change(params.connection, principal, allowed)) throw notFound('live stream', params.connection);
      return { topics: allowed, denied };
    },
  });
  return [stream, change];
}

export function mayFollow(gatekeeper: Gatekeeper, principal: Principal, topic: string): boolean {
  return gatekeeper.requireGuard().allows(principal, topicAclPath(topic), 'read');
}

function sortOut(gatekeeper: Gatekeeper, principal: Principal, topics: readonly string[]) {
  const unique = [...new Set(topics)];
  const allowed = unique.filter((topic) => mayFollow(gatekeeper, principal, topic));
  return { allowed, denied: unique.filter((topic) => !allowed.includes(topic)) };
}
