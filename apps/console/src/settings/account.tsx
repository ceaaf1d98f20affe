/** Oneself: second factor, password, sessions, and how this browser shows things. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, lazy, Suspense, useState } from 'react';
import { ApiProblem, api } from '../api/client.ts';
import { keepSession, SESSION_KEY, type Session, useSession, useSignOut } from '../api/session.ts';
import { preferences, usePreferences } from '../app/preferences.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { TextField } from '../ui/field.tsx';
import { Section } from '../ui/section.tsx';
import { Select } from '../ui/select.tsx';
import { useSettled } from '../ui/settled.ts';
import { Loaded, SkeletonRows } from '../ui/states.tsx';
import { Switch } from '../ui/switch.tsx';
import { Ago } from '../ui/time.tsx';
import { toast } from '../ui/toasts.tsx';
import styles from './settings.module.css';

const QrCode = lazy(() => import('./qr-code.tsx').then(({ QrCode: component }) => ({ default: component })));
const MIN_PASSWORD_CHARS = 12;

export function Account() {
  const session = useSession();
  const signOut = useSignOut();
  const totp = useTotp();
  const sessions = useSessions();
  const settled = useSettled([totp, sessions]);
  if (!settled) return <SkeletonRows rows={8} height="two" />;
  return (
    <>
      <Section
        title={session?.principal.name ?? 'You'}
        note={
          session === undefined
            ? undefined
            : `${session.principal.owner ? 'owner' : session.principal.policies.join(', ')}, tenant ${session.principal.tenant}`
        }
        action={
          <Button small tone="ghost" onClick={() => void signOut()}>
            Sign out
          </Button>
        }
      >
        <Appearance />
      </Section>
      <SecondFactor status={totp} />
      <Password />
      <Sessions sessions={sessions} />
    </>
  );
}

function Appearance() {
  const { theme, density, singleKeys } = usePreferences();
  return (
    <div className={styles['form']}>
      <Select
        label="Theme"
        value={theme}
        onChange={(next) => preferences.set({ theme: next })}
        options={[
          { value: 'system', label: 'As the system' },
          { value: 'dark', label: 'Dark' },
          { value: 'light', label: 'Light' },
        ]}
      />
      <Select
        label="Rows"
        value={density}
        onChange={(next) => preferences.set({ density: next })}
        options={[
          { value: 'normal', label: 'Normal' },
          { value: 'compact', label: 'Compact' },
          { value: 'touch', label: 'For touch' },
        ]}
      />
      <div className={styles['choices']}>
        <Switch
          label="Single keys act"
          hint="Shown by ?"
          checked={singleKeys}
          onChange={(next) => preferences.set({ singleKeys: next })}
        />
      </div>
    </div>
  );
}

interface TotpStatus {
  readonly enabled: boolean;
  readonly recoveryCodes: number;
}

/** A new session comes with the answer: the old one ended with the change. */
function useAdoptSession(): (session: Session | undefined) => void {
  const client = useQueryClient();
  return (session) => {
    if (session !== undefined) client.setQueryData(SESSION_KEY, keepSession(session));
    void client.invalidateQueries({ queryKey: ['session', 'list'] });
    void client.invalidateQueries({ queryKey: ['totp'] });
  };
}

function useTotp() {
  return useQuery({
    queryKey: ['totp'],
    queryFn: ({ signal }) => api.get<TotpStatus>('/identity/totp', undefined, { signal }),
  });
}

function SecondFactor({ status }: { readonly status: ReturnType<typeof useTotp> }) {
  const adopt = useAdoptSession();
  const [code, setCode] = useState('');
  const begin = useMutation({
    mutationFn: () => api.post<{ readonly secret: string; readonly url: string }>('/identity/totp'),
  });
  const confirm = useMutation({
    mutationFn: () =>
      api.post<{ readonly recoveryCodes: readonly string[]; readonly session?: Session }>('/identity/totp/confirm', {
        code: code.replaceAll(' ', ''),
      }),
    onSuccess: ({ session }) => {
      adopt(session);
      setCode('');
      begin.reset();
    },
  });
  const remove = useMutation({
    mutationFn: () => api.delete<{ readonly session?: Session }>('/identity/totp', { code: code.replaceAll(' ', '') }),
    onSuccess: ({ session }) => {
      adopt(session);
      setCode('');
      confirm.reset();
      toast({ text: 'The second factor is removed' });
    },
  });
  const submit = (act: { mutate(): void }) => (event: FormEvent) => {
    event.preventDefault();
    act.mutate();
  };
  const codeField = (
    <TextField
      label="Code it shows"
      value={code}
      onChange={setCode}
      inputMode="numeric"
      autoComplete="one-time-code"
      mono
      required
    />
  );
  return (
    <Section
      title="Second factor"
      note={
        status.data === undefined
          ? undefined
          : status.data.enabled
            ? `on, ${status.data.recoveryCodes} recovery codes left`
            : 'off'
      }
    >
      <Loaded what="the second factor" query={status} skeleton={<SkeletonRows rows={2} />}>
        {({ enabled }) => (
          <div className={styles['column']}>
            {confirm.data !== undefined && <RecoveryCodes codes={confirm.data.recoveryCodes} />}
            {!enabled && begin.data === undefined && (
              <>
                <p className={styles['text']}>
                  An app on your phone shows a code that is asked for after the password.
                </p>
                <Button busy={begin.isPending} onClick={() => begin.mutate()}>
                  Set up a second factor
                </Button>
              </>
            )}
            {!enabled && begin.data !== undefined && (
              <form className={styles['column']} onSubmit={submit(confirm)}>
                <p className={styles['text']}>Scan this with an authenticator app, or type the key into it.</p>
                <Suspense fallback={<div className={styles['qr']} />}>
                  <QrCode text={begin.data.url} label="Code to scan with an authenticator app" />
                </Suspense>
                <div className={styles['secret']}>
                  <code>{begin.data.secret.match(/.{1,4}/g)?.join(' ')}</code>
                  <CopyButton iconOnly label="Copy the key" text={begin.data.secret} />
                </div>
                {codeField}
                <Failure error={confirm.error} />
                <Button type="submit" tone="primary" busy={confirm.isPending}>
                  Switch it on
                </Button>
              </form>
            )}
            {enabled && (
              <form className={styles['column']} onSubmit={submit(remove)}>
                {codeField}
                <Failure error={remove.error} />
                <Button type="submit" tone="danger" busy={remove.isPending}>
                  Remove the second factor
                </Button>
              </form>
            )}
            <Failure error={begin.error} />
          </div>
        )}
      </Loaded>
    </Section>
  );
}

function RecoveryCodes({ codes }: { readonly codes: readonly string[] }) {
  return (
    <div className={styles['column']} role="status">
      <p>
        <b className={styles['strong']}>Keep these recovery codes.</b> Each opens the door once when the phone is lost.
        They are shown only now.
      </p>
      <ul className={styles['codes']}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <CopyButton label="Copy them" text={codes.join('\n')} />
    </div>
  );
}

function Password() {
  const adopt = useAdoptSession();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    mutationFn: () => api.put<Session>('/session/password', { current, password: next }),
    onSuccess: (session) => {
      adopt(session);
      setCurrent('');
      setNext('');
      toast({ text: 'Password changed; other sessions have ended' });
    },
  });
  const short = next !== '' && next.length < MIN_PASSWORD_CHARS;
  return (
    <Section title="Password" note="a change ends your other sessions">
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <TextField
          label="Current password"
          type="password"
          value={current}
          onChange={setCurrent}
          autoComplete="current-password"
          required
        />
        <TextField
          label="New password"
          type="password"
          value={next}
          onChange={setNext}
          autoComplete="new-password"
          hint={`${MIN_PASSWORD_CHARS} characters or more`}
          error={short ? `${MIN_PASSWORD_CHARS - next.length} characters more` : undefined}
          required
        />
        <div className={styles['wide']}>
          <Failure error={change.error} />
          <Button type="submit" busy={change.isPending} disabled={short || next === '' || current === ''}>
            Change the password
          </Button>
        </div>
      </form>
    </Section>
  );
}

interface SessionRow {
  readonly id: string;
  readonly ip: string;
  readonly userAgent: string;
  readonly current: boolean;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  readonly expiresAt: string;
}

function useSessions() {
  return useQuery({
    queryKey: ['session', 'list'],
    queryFn: async ({ signal }) =>
      (await api.get<{ items: readonly SessionRow[] }>('/session/list', undefined, { signal })).items,
  });
}

function Sessions({ sessions }: { readonly sessions: ReturnType<typeof useSessions> }) {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: (id: string) => api.delete(`/session/list/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['session', 'list'] }),
  });
  return (
    <Section title="Sessions" note="where you are signed in">
      <Loaded what="your sessions" query={sessions} skeleton={<SkeletonRows rows={2} height="two" />}>
        {(rows) =>
          rows.map((row) => (
            <div key={row.id} className={styles['row']}>
              <div>
                <span className={styles['strong']}>{browserName(row.userAgent)}</span>
                <small>
                  from <code>{row.ip}</code>
                </small>
              </div>
              <div className={styles['quiet']}>
                Used <Ago at={row.lastUsedAt} />
                <small>
                  since <Ago at={row.createdAt} />
                </small>
              </div>
              <div className={`${styles['quiet']} ${styles['optional']}`}>
                Ends <Ago at={row.expiresAt} />
              </div>
              <div className={styles['buttons']}>
                {row.current ? (
                  <span className={styles['quiet']}>this one</span>
                ) : (
                  <Button small busy={end.isPending && end.variables === row.id} onClick={() => end.mutate(row.id)}>
                    End
                  </Button>
                )}
              </div>
            </div>
          ))
        }
      </Loaded>
      <Failure error={end.error} />
    </Section>
  );
}

export function Failure({ error }: { readonly error: Error | null }) {
  if (error === null) return null;
  return (
    <p role="alert" className={styles['failed']}>
      {error.message} {error instanceof ApiProblem ? error.fix : ''}
    </p>
  );
}

/** "Firefox on Linux": enough to know one's own. */
function browserName(agent: string): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari|curl)\//.exec(agent)?.[1] ?? 'Browser';
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(agent)?.[1];
  const name = browser === 'Edg' ? 'Edge' : browser === 'OPR' ? 'Opera' : browser;
  return system === undefined ? name : `${name} on ${system.replace('Mac OS X', 'macOS')}`;
}
