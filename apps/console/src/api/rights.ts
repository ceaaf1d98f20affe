/**
 * What the one who is signed in may do: what they may not is absent from the page. Asked once with the session; the
 * server still decides each request. The owner may everything, and is not asked about.
 */
import { type QueryClient, useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api } from './client.ts';
import { type Session, useSession } from './session.ts';

type Capability = 'read' | 'create' | 'update' | 'delete';

/** Stands for an id: a rule for one thing alone says nothing about the button of a page. */
const ANY = 'any';

/** Each with the right that its request needs, as the API's document says it. */
const ACTS = {
  'see problems': ['read', 'problems'],
  'see assets': ['read', 'assets'],
  'see metrics': ['read', 'metrics/charts'],
  'see events': ['read', 'events'],
  'see flows': ['read', 'flows'],
  'read packets': ['read', 'flows/packets'],
  'see checks': ['read', 'checks'],
  'see scans': ['read', 'scans'],
  'see the configuration': ['read', 'config'],
  'see users': ['read', 'identity/users'],
  'see notifications': ['read', 'notifications/contacts'],
  'acknowledge problems': ['create', `problems/${ANY}/acknowledge`],
  'let go of problems': ['delete', `problems/${ANY}/acknowledge`],
  'comment on problems': ['create', `problems/${ANY}/comment`],
  'set downtimes': ['create', `problems/${ANY}/downtime`],
  'add checks': ['create', 'checks'],
  'change checks': ['update', `checks/${ANY}`],
  'delete checks': ['delete', `checks/${ANY}`],
  'run checks': ['create', `checks/${ANY}/run`],
  scan: ['create', 'scans'],
  'cancel scans': ['create', `scans/${ANY}/cancel`],
  'reload the configuration': ['update', 'config/reload'],
  'add users': ['create', 'identity/users'],
  'change users': ['update', `identity/users/${ANY}`],
  'remove users': ['delete', `identity/users/${ANY}`],
  'add contacts': ['create', 'notifications/contacts'],
  'test contacts': ['create', `notifications/contacts/${ANY}/test`],
  'remove contacts': ['delete', `notifications/contacts/${ANY}`],
  'add routes': ['create', 'notifications/routes'],
  'remove routes': ['delete', `notifications/routes/${ANY}`],
} as const satisfies Readonly<Record<string, readonly [Capability, string]>>;

export type Act = keyof typeof ACTS;
export type May = (act: Act) => boolean;

const RIGHTS_KEY = ['rights'] as const;
const FRESH_MS = 60_000;
const PREFIX = 'sys/undercroft/';

interface Capabilities {
  readonly items: readonly { readonly path: string; readonly capabilities: readonly string[] }[];
}
type Allowed = ReadonlyMap<string, readonly string[]>;

async function fetchRights(): Promise<Allowed> {
  const paths = [...new Set(Object.values(ACTS).map(([, path]) => `${PREFIX}${path}`))];
  const { items } = await api.post<Capabilities>('/identity/capabilities', { paths });
  return new Map(items.map(({ path, capabilities }) => [path.slice(PREFIX.length), capabilities]));
}

/** Before the first page, so that no button goes once it has been seen. Where it fails, the server refuses by itself. */
export async function loadRights(client: QueryClient, session: Session): Promise<void> {
  if (session.principal.owner) return;
  await client.prefetchQuery({ queryKey: RIGHTS_KEY, queryFn: fetchRights, staleTime: FRESH_MS });
}

export function useMay(): May {
  const owner = useSession()?.principal.owner !== false;
  const { data } = useQuery({ queryKey: RIGHTS_KEY, queryFn: fetchRights, staleTime: FRESH_MS, enabled: !owner });
  return useCallback(
    (act) => {
      if (owner || data === undefined) return true;
      const [capability, path] = ACTS[act];
      return data.get(path)?.includes(capability) === true;
    },
    [owner, data],
  );
}
