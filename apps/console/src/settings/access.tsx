/** Who may come in and do what: users, tokens, policies. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { useMay } from '../api/rights.ts';
import { useSession } from '../api/session.ts';
import type { Page } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy.tsx';
import { ConfirmDialog, Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Section } from '../ui/section.tsx';
import { Select } from '../ui/select.tsx';
import { useSettled } from '../ui/settled.ts';
import { EmptyState, Loaded, SkeletonRows } from '../ui/states.tsx';
import { Checkbox } from '../ui/switch.tsx';
import { Ago } from '../ui/time.tsx';
import { toast } from '../ui/toasts.tsx';
import { Failure } from './account.tsx';
import styles from './settings.module.css';

interface UserRow {
  readonly name: string;
  readonly entityId: string;
  readonly policies: readonly string[];
  readonly disabled: boolean;
  readonly totp: boolean;
  readonly createdAt: string;
  readonly signedInAt?: string;
}

interface TokenRow {
  readonly accessor: string;
  readonly name: string;
  readonly policies?: readonly string[];
  readonly usesLeft?: number;
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly lastUsedAt?: string;
}

interface PolicyRow {
  readonly name: string;
  readonly text: string;
  readonly builtIn: boolean;
  readonly summary?: string;
}

const MIN_PASSWORD_CHARS = 12;

function usePolicies() {
  return useQuery({
    queryKey: ['identity', 'policies'],
    queryFn: async ({ signal }) =>
      (await api.get<Page<PolicyRow>>('/identity/policies', { limit: 200 }, { signal })).items,
  });
}

function useUsers() {
  return useQuery({
    queryKey: ['identity', 'users'],
    queryFn: async ({ signal }) => (await api.get<Page<UserRow>>('/identity/users', { limit: 500 }, { signal })).items,
  });
}

function useTokens() {
  return useQuery({
    queryKey: ['identity', 'tokens'],
    queryFn: async ({ signal }) =>
      (await api.get<Page<TokenRow>>('/identity/tokens', { limit: 500 }, { signal })).items,
  });
}

export function Access() {
  const users = useUsers();
  const tokens = useTokens();
  const policies = usePolicies();
  const settled = useSettled([users, tokens, policies]);
  if (!settled) return <SkeletonRows rows={6} height="two" />;
  return (
    <>
      <Users users={users} />
      <Tokens tokens={tokens} />
      <Policies policies={policies} />
    </>
  );
}

function Users({ users }: { readonly users: ReturnType<typeof useUsers> }) {
  const client = useQueryClient();
  const session = useSession();
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<UserRow | undefined>();
  const refresh = () => client.invalidateQueries({ queryKey: ['identity', 'users'] });
  const remove = useMutation({
    mutationFn: (name: string) => api.delete(`/identity/users/${encodeURIComponent(name)}`),
    onSuccess: () => {
      setRemoving(undefined);
      void refresh();
    },
  });
  const change = useMutation({
    mutationFn: ({ name, disabled }: { readonly name: string; readonly disabled: boolean }) =>
      api.patch(`/identity/users/${encodeURIComponent(name)}`, { disabled }),
    onSuccess: refresh,
  });
  return (
    <Section
      title="Users"
      note="sign in with a name and a password"
      action={
        may('add users') && (
          <Button small onClick={() => setAdding(true)}>
            Add a user
          </Button>
        )
      }
    >
      <Loaded what="the users" query={users} skeleton={<SkeletonRows rows={2} height="two" />}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title="No user" text="Only tokens come in." />
          ) : (
            rows.map((row) => (
              <div key={row.name} className={styles['row']}>
                <div>
                  <span className={styles['strong']}>{row.name}</span>
                  <small>{row.policies.join(', ') || 'no policy'}</small>
                </div>
                <div className={styles['quiet']}>
                  {row.disabled ? 'Disabled' : row.totp ? 'Password and second factor' : 'Password only'}
                </div>
                <div className={`${styles['quiet']} ${styles['optional']}`}>
                  {row.signedInAt === undefined ? (
                    'Never signed in'
                  ) : (
                    <>
                      Signed in <Ago at={row.signedInAt} />
                    </>
                  )}
                </div>
                <div className={styles['buttons']}>
                  {row.entityId !== session?.principal.entityId && (
                    <>
                      {may('change users') && (
                        <Button
                          small
                          busy={change.isPending && change.variables.name === row.name}
                          onClick={() => change.mutate({ name: row.name, disabled: !row.disabled })}
                        >
                          {row.disabled ? 'Enable' : 'Disable'}
                        </Button>
                      )}
                      {may('remove users') && (
                        <Button small onClick={() => setRemoving(row)}>
                          Remove
                        </Button>
                      )}
                    </>
                  )}
                </div>
              </div>
            ))
          )
        }
      </Loaded>
      <Failure error={change.error} />
      <AddUser open={adding} onClose={() => setAdding(false)} onAdded={refresh} />
      <ConfirmDialog
        open={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        title={`Remove ${removing?.name ?? ''}`}
        description="Its sessions and tokens end now. What it did stays in the audit trail. This cannot be undone."
        verb="Remove the user"
        typed={removing?.name ?? ''}
        busy={remove.isPending}
        onConfirm={() => removing !== undefined && remove.mutate(removing.name)}
        {...(remove.error === null ? {} : { error: remove.error.message })}
      />
    </Section>
  );
}

function AddUser({
  open,
  onClose,
  onAdded,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onAdded: () => void;
}) {
  const policies = usePolicies();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const add = useMutation({
    mutationFn: () => api.post('/identity/users', { name, password, policies: chosen }),
    onSuccess: () => {
      toast({ text: `${name} can sign in` });
      setName('');
      setPassword('');
      setChosen([]);
      onAdded();
      onClose();
    },
  });
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Add a user"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            busy={add.isPending}
            disabled={name === '' || password.length < MIN_PASSWORD_CHARS}
            onClick={() => add.mutate()}
          >
            Add
          </Button>
        </>
      }
    >
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        autoComplete="off"
        hint="Lower case letters, digits, . _ @ -"
      />
      <TextField
        label="First password"
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete="new-password"
        hint={`${MIN_PASSWORD_CHARS} characters or more`}
      />
      <PolicyChoice policies={policies.data ?? []} chosen={chosen} onChange={setChosen} />
      <Failure error={add.error} />
    </Dialog>
  );
}

interface PolicyChoiceProps {
  readonly policies: readonly PolicyRow[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

function PolicyChoice({ policies, chosen, onChange }: PolicyChoiceProps) {
  return (
    <fieldset className={styles['fieldset']}>
      <legend className={styles['legend']}>Policies</legend>
      <div className={styles['choices']}>
        {policies.map(({ name }) => (
          <Checkbox
            key={name}
            label={name}
            checked={chosen.includes(name)}
            onChange={(on) => onChange(on ? [...chosen, name] : chosen.filter((one) => one !== name))}
          />
        ))}
      </div>
    </fieldset>
  );
}

function Tokens({ tokens }: { readonly tokens: ReturnType<typeof useTokens> }) {
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: ['identity', 'tokens'] });
  const revoke = useMutation({
    mutationFn: (accessor: string) => api.delete(`/identity/tokens/${encodeURIComponent(accessor)}`),
    onSuccess: () => {
      toast({ text: 'Token revoked' });
      void refresh();
    },
  });
  return (
    <Section
      title="Tokens"
      note="for programs; kept only as keyed hashes"
      action={
        <Button small onClick={() => setAdding(true)}>
          Make a token
        </Button>
      }
    >
      <Loaded what="the tokens" query={tokens} skeleton={<SkeletonRows rows={2} height="two" />}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState
              title="No token"
              text="A token lets a program use the API, sent as Authorization: Bearer or X-Vault-Token."
            />
          ) : (
            rows.map((row) => (
              <div key={row.accessor} className={styles['row']}>
                <div>
                  <span className={styles['strong']}>{row.name}</span>
                  <small>
                    <code>{row.accessor}</code>
                  </small>
                </div>
                <div className={styles['quiet']}>{row.policies?.join(', ') ?? 'all that its maker may'}</div>
                <div className={`${styles['quiet']} ${styles['optional']}`}>
                  {row.lastUsedAt === undefined ? (
                    'Never used'
                  ) : (
                    <>
                      Used <Ago at={row.lastUsedAt} />
                    </>
                  )}
                  <small>
                    {row.expiresAt === undefined ? (
                      'does not end'
                    ) : (
                      <>
                        ends <Ago at={row.expiresAt} />
                      </>
                    )}
                  </small>
                </div>
                <div className={styles['buttons']}>
                  <Button
                    small
                    busy={revoke.isPending && revoke.variables === row.accessor}
                    onClick={() => revoke.mutate(row.accessor)}
                  >
                    Revoke
                  </Button>
                </div>
              </div>
            ))
          )
        }
      </Loaded>
      <Failure error={revoke.error} />
      <AddToken open={adding} onClose={() => setAdding(false)} onAdded={refresh} />
    </Section>
  );
}

const TTLS = [
  { value: '24h', label: '24 hours' },
  { value: '168h', label: '7 days' },
  { value: '720h', label: '30 days' },
  { value: '8760h', label: 'A year' },
] as const;

function AddToken({
  open,
  onClose,
  onAdded,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onAdded: () => void;
}) {
  const policies = usePolicies();
  const [name, setName] = useState('');
  const [ttl, setTtl] = useState<(typeof TTLS)[number]['value']>('720h');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const add = useMutation({
    mutationFn: () =>
      api.post<{ readonly token: string }>('/identity/tokens', {
        name,
        ttl,
        ...(chosen.length === 0 ? {} : { policies: chosen }),
      }),
    onSuccess: onAdded,
  });
  const close = () => {
    add.reset();
    setName('');
    setChosen([]);
    onClose();
  };
  if (add.data !== undefined) {
    return (
      <Dialog
        open={open}
        onClose={close}
        title="Copy the token now"
        description="It is shown this once; only a keyed hash of it is kept."
        actions={
          <Button tone="primary" onClick={close}>
            Done
          </Button>
        }
      >
        <div className={styles['secret']}>
          <code>{add.data.token}</code>
          <CopyButton iconOnly label="Copy the token" text={add.data.token} />
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog
      open={open}
      onClose={close}
      title="Make a token"
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button tone="primary" busy={add.isPending} disabled={name.trim() === ''} onClick={() => add.mutate()}>
            Make it
          </Button>
        </>
      }
    >
      <TextField label="What it is for" value={name} onChange={setName} autoComplete="off" />
      <Select label="Ends after" value={ttl} onChange={setTtl} options={TTLS} />
      <PolicyChoice policies={policies.data ?? []} chosen={chosen} onChange={setChosen} />
      <p className={styles['text']}>{chosen.length === 0 ? 'Without a choice it may do what you may.' : ''}</p>
      <Failure error={add.error} />
    </Dialog>
  );
}

function Policies({ policies }: { readonly policies: ReturnType<typeof usePolicies> }) {
  return (
    <Section title="Policies" note="what a path allows, in HCL; written with undercroft policy">
      <Loaded what="the policies" query={policies} skeleton={<SkeletonRows rows={3} height="two" />}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title="No policy" />
          ) : (
            rows.map((row) => (
              <details key={row.name} className={styles['policy']}>
                <summary>
                  <span className={styles['strong']}>{row.name}</span>
                  <span className={styles['quiet']}>
                    {row.summary ?? (row.builtIn ? 'comes with the platform' : '')}
                  </span>
                </summary>
                <pre>{row.text}</pre>
              </details>
            ))
          )
        }
      </Loaded>
    </Section>
  );
}
