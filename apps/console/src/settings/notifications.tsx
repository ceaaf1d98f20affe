/** Where problems go: contacts, the routes that choose them, and what was sent. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { useMay } from '../api/rights.ts';
import type { Page } from '../api/types.ts';
import { formatDuration } from '../time/format.ts';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog, Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Section } from '../ui/section.tsx';
import { useSettled } from '../ui/settled.ts';
import { EmptyState, Loaded, SkeletonRows } from '../ui/states.tsx';
import { Status, type StatusState } from '../ui/status.tsx';
import { Checkbox } from '../ui/switch.tsx';
import { Ago } from '../ui/time.tsx';
import { Failure } from './account.tsx';
import { AddContact, type AddContactProps } from './add-contact.tsx';
import {
  type Contact,
  type NotificationRoute,
  type SentNotification,
  type TestResult,
  targetOf,
} from './notification-data.ts';
import styles from './settings.module.css';

const SENT_STATUS: Readonly<Record<SentNotification['state'], StatusState>> = {
  sent: 'ok',
  waiting: 'notice',
  failed: 'critical',
  dropped: 'warning',
};
const STATES = ['critical', 'warning', 'unknown', 'notice'] as const;

function useContacts() {
  return useQuery({
    queryKey: ['notifications', 'contacts'],
    queryFn: ({ signal }) => api.get<Page<Contact>>('/notifications/contacts', undefined, { signal }),
  });
}

function useRoutes() {
  return useQuery({
    queryKey: ['notifications', 'routes'],
    queryFn: ({ signal }) => api.get<Page<NotificationRoute>>('/notifications/routes', undefined, { signal }),
  });
}

function useSent() {
  return useQuery({
    queryKey: ['notifications', 'sent'],
    queryFn: ({ signal }) => api.get<Page<SentNotification>>('/notifications/sent', { limit: 50 }, { signal }),
    refetchInterval: 15_000,
  });
}

export function Notifications() {
  const contacts = useContacts();
  const routes = useRoutes();
  const sent = useSent();
  const settled = useSettled([contacts, routes, sent]);
  if (!settled) return <SkeletonRows rows={6} height="two" />;
  return (
    <>
      <Contacts contacts={contacts} />
      <Routes routes={routes} contacts={contacts} />
      <Sent sent={sent} />
    </>
  );
}

function Contacts({ contacts }: { readonly contacts: ReturnType<typeof useContacts> }) {
  const client = useQueryClient();
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Contact | undefined>();
  const refresh = () => client.invalidateQueries({ queryKey: ['notifications'] });
  const test = useMutation({
    mutationFn: (id: string) => api.post<TestResult>(`/notifications/contacts/${encodeURIComponent(id)}/test`),
    onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.delete(`/notifications/contacts/${encodeURIComponent(id)}`),
    onSuccess: () => {
      setRemoving(undefined);
      void refresh();
    },
  });
  return (
    <Section
      title="Contacts"
      note="who is told, and how"
      action={
        may('add contacts') && (
          <Button small onClick={() => setAdding(true)}>
            Add a contact
          </Button>
        )
      }
    >
      <Loaded what="the contacts" query={contacts} skeleton={<SkeletonRows rows={2} height="two" />}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState
              title="Nobody is told yet"
              text="Problems stay in this console until there is a contact and a route that leads to it."
            />
          ) : (
            items.map((contact) => (
              <div key={contact.id} className={styles['row']}>
                <div>
                  <span className={styles['strong']}>{contact.name}</span>
                  <small>{contact.channel}</small>
                </div>
                <code>{targetOf(contact)}</code>
                <div className={styles['quiet']} role="status">
                  {test.variables === contact.id ? (
                    <>
                      {test.data?.sent === true && (
                        <Status state="ok" text={`Taken in ${formatDuration(test.data.durationMs)}`} />
                      )}
                      {test.data?.error !== undefined && <Status state="critical" text={test.data.error} />}
                      <Failure error={test.error} />
                    </>
                  ) : (
                    (contact.unavailable ?? (contact.enabled ? '' : 'switched off'))
                  )}
                </div>
                <div className={styles['buttons']}>
                  {may('test contacts') && (
                    <Button
                      small
                      busy={test.isPending && test.variables === contact.id}
                      onClick={() => test.mutate(contact.id)}
                    >
                      Send a test
                    </Button>
                  )}
                  {may('remove contacts') && (
                    <Button small onClick={() => setRemoving(contact)}>
                      Remove
                    </Button>
                  )}
                </div>
              </div>
            ))
          )
        }
      </Loaded>
      <AddContact open={adding} onClose={() => setAdding(false)} onAdded={refresh} />
      <ConfirmDialog
        open={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        title={`Remove the contact ${removing?.name ?? ''}`}
        description="Routes that lead to it alone then tell nobody."
        verb="Remove the contact"
        busy={remove.isPending}
        onConfirm={() => removing !== undefined && remove.mutate(removing.id)}
        {...(remove.error === null ? {} : { error: remove.error.message })}
      />
    </Section>
  );
}

interface RoutesProps {
  readonly routes: ReturnType<typeof useRoutes>;
  readonly contacts: ReturnType<typeof useContacts>;
}

function Routes({ routes, contacts }: RoutesProps) {
  const client = useQueryClient();
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: ['notifications', 'routes'] });
  const remove = useMutation({
    mutationFn: (id: string) => api.delete(`/notifications/routes/${encodeURIComponent(id)}`),
    onSuccess: refresh,
  });
  const nameOf = (id: string) => contacts.data?.items.find((contact) => contact.id === id)?.name ?? id;
  const none = contacts.data?.items.length === 0;
  return (
    <Section
      title="Routes"
      note="which problem goes to whom"
      action={
        may('add routes') && (
          <Button small disabled={none} onClick={() => setAdding(true)}>
            Add a route
          </Button>
        )
      }
    >
      <Loaded what="the routes" query={routes} skeleton={<SkeletonRows rows={2} height="two" />}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="No route" text={none ? 'Add a contact first.' : 'Without a route no contact is told.'} />
          ) : (
            items.map((route) => (
              <div key={route.id} className={styles['row']}>
                <div>
                  <span className={styles['strong']}>{route.name}</span>
                  <small>
                    {[route.match.assets, route.match.source, route.match.rule].filter(Boolean).join(' ') ||
                      'any asset, any rule'}
                  </small>
                </div>
                <div className={styles['choices']}>
                  {route.match.states.map((state) => (
                    <Status key={state} state={state} />
                  ))}
                </div>
                <div className={styles['quiet']}>
                  to {route.contacts.map(nameOf).join(', ')}
                  {route.delayS > 0 && <small>after {formatDuration(route.delayS * 1000)}</small>}
                  {route.escalations.map((step) => (
                    <small key={step.afterS}>
                      after {formatDuration(step.afterS * 1000)} also to {step.contacts.map(nameOf).join(', ')}
                    </small>
                  ))}
                </div>
                <div className={styles['buttons']}>
                  {may('remove routes') && (
                    <Button
                      small
                      busy={remove.isPending && remove.variables === route.id}
                      onClick={() => remove.mutate(route.id)}
                    >
                      Remove
                    </Button>
                  )}
                </div>
              </div>
            ))
          )
        }
      </Loaded>
      <Failure error={remove.error} />
      <AddRoute
        open={adding}
        onClose={() => setAdding(false)}
        onAdded={refresh}
        contacts={contacts.data?.items ?? []}
      />
    </Section>
  );
}

function AddRoute({ open, onClose, onAdded, contacts }: AddContactProps & { readonly contacts: readonly Contact[] }) {
  const [name, setName] = useState('');
  const [states, setStates] = useState<readonly string[]>(['critical']);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const add = useMutation({
    mutationFn: () => api.post('/notifications/routes', { name: name.trim(), match: { states }, contacts: chosen }),
    onSuccess: () => {
      setName('');
      setChosen([]);
      onAdded();
      onClose();
    },
  });
  const toggle = (list: readonly string[], value: string, on: boolean) =>
    on ? [...list, value] : list.filter((one) => one !== value);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Add a route"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            busy={add.isPending}
            disabled={name.trim() === '' || states.length === 0 || chosen.length === 0}
            onClick={() => add.mutate()}
          >
            Add
          </Button>
        </>
      }
    >
      <TextField label="Name" value={name} onChange={setName} autoComplete="off" />
      <fieldset className={styles['fieldset']}>
        <legend className={styles['legend']}>Problems that are</legend>
        <div className={styles['choices']}>
          {STATES.map((state) => (
            <Checkbox
              key={state}
              label={state}
              checked={states.includes(state)}
              onChange={(on) => setStates(toggle(states, state, on))}
            />
          ))}
        </div>
      </fieldset>
      <fieldset className={styles['fieldset']}>
        <legend className={styles['legend']}>Go to</legend>
        <div className={styles['choices']}>
          {contacts.map((contact) => (
            <Checkbox
              key={contact.id}
              label={contact.name}
              checked={chosen.includes(contact.id)}
              onChange={(on) => setChosen(toggle(chosen, contact.id, on))}
            />
          ))}
        </div>
      </fieldset>
      <Failure error={add.error} />
    </Dialog>
  );
}

function Sent({ sent }: { readonly sent: ReturnType<typeof useSent> }) {
  return (
    <Section title="Sent" note="the last 50, newest first">
      <Loaded what="what was sent" query={sent} skeleton={<SkeletonRows rows={3} height="two" />}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="Nothing was sent yet" />
          ) : (
            items.map((one) => (
              <div key={one.id} className={styles['row']}>
                <div>
                  <span className={styles['strong']}>{one.subject}</span>
                </div>
                <div className={styles['quiet']}>to {one.contactName}</div>
                <div className={styles['quiet']}>
                  <Status state={SENT_STATUS[one.state]} text={one.state} />
                  {one.lastError !== undefined && <small>{one.lastError}</small>}
                </div>
                <span className={styles['quiet']}>
                  <Ago at={one.sentAt ?? one.createdAt} />
                </span>
              </div>
            ))
          )
        }
      </Loaded>
    </Section>
  );
}
