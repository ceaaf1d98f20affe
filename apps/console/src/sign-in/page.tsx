/** Sign-in: which machine this is, name, password, and the second factor when there is one. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiProblem, api } from '../api/client.ts';
import { keepSession, SESSION_KEY, type Session, tellTabs } from '../api/session.ts';
import { afterSignIn, useParams } from '../app/search.ts';
import { formatClock, msOf } from '../time/format.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import styles from './door.module.css';
import { Door } from './door.tsx';

export interface WelcomeInfo {
  readonly firstRun: boolean;
  readonly host: string;
  readonly version: string;
}

export function useWelcomeInfo() {
  return useQuery({
    queryKey: ['welcome'],
    queryFn: ({ signal }) => api.get<WelcomeInfo>('/welcome', undefined, { signal, allowUnauthorized: true }),
  });
}

export function Page() {
  const info = useWelcomeInfo();
  const params = useParams();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [second, setSecond] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | undefined>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const body = { name, password, ...(second ? { totp: code.replaceAll(' ', '') } : {}) };
      const session = await api.post<Session>('/session', body, { allowUnauthorized: true });
      client.clear();
      client.setQueryData(SESSION_KEY, keepSession(session));
      tellTabs('in');
      await navigate({ ...afterSignIn(params['next']), replace: true } as never);
    } catch (error) {
      const failure =
        error instanceof ApiProblem ? error : new ApiProblem('POST', '/session', 0, { detail: String(error) });
      if (failure.code === 'identity.totp-required' && !second) setSecond(true);
      else setProblem(failure);
      setBusy(false);
    }
  };

  if (info.data?.firstRun === true) {
    return (
      <Door title="Nobody owns this platform yet" info={info.data}>
        <p className={styles['text']}>
          The first sign-in goes through the one-time link that <code>undercroft up</code> printed where it runs. Each
          start prints a new one.
        </p>
      </Door>
    );
  }
  return (
    <Door title="Sign in" info={info.data} error={info.error}>
      <form onSubmit={submit} className={styles['form']}>
        <TextField
          label="Name"
          name="username"
          value={name}
          onChange={setName}
          autoComplete="username"
          autoFocus
          required
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          value={password}
          onChange={setPassword}
          autoComplete="current-password"
          required
        />
        {second && (
          <TextField
            label="Code of your authenticator"
            name="totp"
            value={code}
            onChange={setCode}
            inputMode="numeric"
            autoComplete="one-time-code"
            autoFocus
            required
            mono
          />
        )}
        {problem !== undefined && (
          <p role="alert" className={styles['failed']}>
            {words(problem)}
          </p>
        )}
        <Button type="submit" tone="primary" busy={busy}>
          Sign in
        </Button>
      </form>
    </Door>
  );
}

function words(problem: ApiProblem): string {
  if (problem.code === 'identity.credentials') return 'Name or password is wrong.';
  if (problem.code === 'identity.totp-required') return 'The code is wrong or has been used. It changes every 30 s.';
  if (problem.code === 'identity.locked' || problem.status === 429) {
    const until = msOf(problem.retryAt);
    return Number.isNaN(until)
      ? 'Too many attempts. Try again in a while.'
      : `Too many attempts. Locked until ${formatClock(until)}.`;
  }
  return [problem.message, problem.fix].filter(Boolean).join(' ');
}
