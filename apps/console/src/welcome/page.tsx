/**
 * Where the one-time link leads. The code is in the fragment, which no server log sees; it is taken out of the address
 * at once. First run: choose name and password, then the overview. Later: the link signs its owner in.
 */
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ApiProblem, api } from '../api/client.ts';
import { keepSession, SESSION_KEY, type Session } from '../api/session.ts';
import styles from '../sign-in/door.module.css';
import { Door } from '../sign-in/door.tsx';
import { useWelcomeInfo } from '../sign-in/page.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';

const MIN_PASSWORD_CHARS = 12;

export function Page() {
  const info = useWelcomeInfo();
  const [code] = useState(readCode);
  const [problem, setProblem] = useState<ApiProblem | undefined>();
  const [busy, setBusy] = useState(false);
  const navigate = useNavigate();
  const client = useQueryClient();
  const tried = useRef(false);
  const firstRun = info.data?.firstRun;

  const enter = async (owner: { readonly name: string; readonly password: string } | undefined) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const session = await api.post<Session>('/welcome', { code, ...owner }, { allowUnauthorized: true });
      client.clear();
      client.setQueryData(SESSION_KEY, keepSession(session));
      await navigate({ to: '/', search: firstRun === true ? { range: '5m' } : {}, replace: true } as never);
    } catch (error) {
      setProblem(
        error instanceof ApiProblem ? error : new ApiProblem('POST', '/welcome', 0, { detail: String(error) }),
      );
      setBusy(false);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: a link is used once, when it is known what it is for
  useEffect(() => {
    if (firstRun !== false || code === '' || tried.current) return;
    tried.current = true;
    void enter(undefined);
  }, [firstRun]);

  if (problem?.code === 'identity.link-used' || problem?.status === 410 || (code === '' && info.data !== undefined)) {
    return (
      <Door title={code === '' ? 'This link is incomplete' : 'This link was used or has ended'} info={info.data}>
        <p className={styles['text']}>
          A link works once and for a short time. Each start of <code>undercroft up</code> prints a new one, where it
          runs.
        </p>
        {firstRun === false && (
          <p className={styles['text']}>
            <br />
            <ButtonLink to="/sign-in">Sign in with a password</ButtonLink>
          </p>
        )}
      </Door>
    );
  }
  if (firstRun === false) {
    return (
      <Door title="Signing in" info={info.data}>
        {problem !== undefined && (
          <p role="alert" className={styles['failed']}>
            {problem.message} {problem.fix}
          </p>
        )}
      </Door>
    );
  }
  return (
    <Door title="Make this platform yours" info={info.data} error={info.error}>
      <OwnerForm busy={busy} problem={problem} enter={enter} />
    </Door>
  );
}

interface OwnerFormProps {
  readonly busy: boolean;
  readonly problem: ApiProblem | undefined;
  readonly enter: (owner: { readonly name: string; readonly password: string }) => Promise<void>;
}

function OwnerForm({ busy, problem, enter }: OwnerFormProps) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [left, setLeft] = useState(false);
  const short = password.length < MIN_PASSWORD_CHARS;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setLeft(true);
    if (!short) void enter({ name: name.trim(), password });
  };
  return (
    <form onSubmit={submit} className={styles['form']}>
      <p className={styles['text']}>You become its owner. Nothing is sent anywhere; there is no other account.</p>
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
        name="new-password"
        type="password"
        value={password}
        onChange={setPassword}
        onBlur={() => setLeft(password !== '')}
        autoComplete="new-password"
        error={
          left && short
            ? `At least ${MIN_PASSWORD_CHARS} characters; ${MIN_PASSWORD_CHARS - password.length} more.`
            : undefined
        }
        hint={`At least ${MIN_PASSWORD_CHARS} characters. Four words are fine.`}
        required
      />
      {problem !== undefined && (
        <p role="alert" className={styles['failed']}>
          {problem.message} {problem.fix}
        </p>
      )}
      <Button type="submit" tone="primary" busy={busy}>
        Go to the overview
      </Button>
    </form>
  );
}

function readCode(): string {
  const code = decodeURIComponent(location.hash.replace(/^#(code=)?/, ''));
  if (code !== '') history.replaceState(history.state, '', location.pathname + location.search);
  return code;
}
