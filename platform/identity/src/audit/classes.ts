/** Classes of the audit trail, names and numbers of the Open Cybersecurity Schema Framework. */
import type { EventClass, EventColumnType } from '@undercroft/kernel';

const common: Readonly<Record<string, EventColumnType>> = {
  'api.request.uid': 'string',
  'src_endpoint.ip': 'string',
  status: 'string',
  status_detail: 'string',
};

const actor: Readonly<Record<string, EventColumnType>> = {
  'actor.user.name': 'string',
  'actor.user.uid': 'string',
  'actor.session.uid': 'string',
  'api.operation': 'string',
  'resource.name': 'string',
};

export const identityEvents: readonly EventClass[] = [
  {
    name: 'authentication',
    uid: 3002,
    summary: 'Somebody signed in or out, or could not.',
    attributes: { 'user.name': 'string', 'user.uid': 'string', ...common },
  },
  {
    name: 'account_change',
    uid: 3001,
    summary: 'Users, groups, policies, tokens or second factors were changed, or it was tried.',
    attributes: { ...actor, ...common },
  },
  {
    name: 'api_activity',
    uid: 6003,
    summary: 'A request changed something, or was refused.',
    attributes: { ...actor, ...common },
  },
];
