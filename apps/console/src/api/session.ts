/** Who is signed in, and signing in and out. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { ApiProblem, api, setCsrf } from './client.ts';
import { setLiveCsrf } from './live.ts';

export interface SessionPrincipal {
  readonly name: string;
  readonly entityId: string;
  readonly tenant: string;
  readonly owner: boolean;
  readonly policies: readonly string[];
  readonly kind: 'session' | 'token';
}

export interface Session {
  readonly principal: SessionPrincipal;
  /** Absent when a token, not a session, asks. */
  readonly csrf?: string;
  /** A second factor is enrolled. */
  readonly totp: boolean;
}

export const SESSION_KEY = ['session'] as const;

/** @returns the session, or null when nobody is signed in */
export async function fetchSession(): Promise<Session | null> {
  try {
    return keepSession(await api.get<Session>('/session', undefined, { allowUnauthorized: true }));
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return keepSession(null);
    throw error;
  }
}

/** Makes the token known to what changes things. */
export function keepSession<S extends Session | null>(session: S): S {
  setCsrf(session?.csrf);
  setLiveCsrf(session?.csrf);
  return session;
}

export function useSession(): Session | undefined {
  const { data } = useQuery({ queryKey: SESSION_KEY, queryFn: fetchSession, staleTime: 60_000 });
  return data ?? undefined;
}

/** What tabs of a browser tell each other: a session is all of theirs. */
export type SessionWord = 'in' | 'out';
const tabs = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('undercroft-session');

export function tellTabs(word: SessionWord): void {
  tabs?.postMessage(word);
}

/** Hears what other tabs tell; this one's own words do not come back. */
export function onTabs(listener: (word: SessionWord) => void): void {
  tabs?.addEventListener('message', ({ data }: MessageEvent<SessionWord>) => listener(data));
}

export function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  return useCallback(async () => {
    await api.delete('/session');
    keepSession(null);
    tellTabs('out');
    client.clear();
    location.assign('/app/sign-in');
  }, [client]);
}
