import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextArea, TextField } from '../ui/field.tsx';
import { Select } from '../ui/select.tsx';
import { Loaded, SkeletonRows } from '../ui/states.tsx';
import { Checkbox } from '../ui/switch.tsx';
import { Failure } from './account.tsx';
import { type Channel, fieldsOf, type SettingField, settingsOf } from './notification-data.ts';
import styles from './settings.module.css';

export interface AddContactProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onAdded: () => void;
}

/** Its form follows what the chosen channel declares. */
export function AddContact({ open, onClose, onAdded }: AddContactProps) {
  const channels = useQuery({
    queryKey: ['notifications', 'channels'],
    queryFn: async ({ signal }) =>
      (await api.get<{ items: readonly Channel[] }>('/notifications/channels', undefined, { signal })).items,
    enabled: open,
    staleTime: 60_000,
  });
  const [chosen, setChosen] = useState('email');
  const [name, setName] = useState('');
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const channel = channels.data?.find((one) => one.name === chosen) ?? channels.data?.[0];
  const fields = channel === undefined ? [] : fieldsOf(channel);
  const missing =
    name.trim() === '' || fields.some((field) => field.required && (typed[field.name] ?? field.initial).trim() === '');
  const add = useMutation({
    mutationFn: () =>
      api.post('/notifications/contacts', {
        name: name.trim(),
        channel: channel?.name,
        settings: settingsOf(fields, typed),
      }),
    onSuccess: () => {
      setName('');
      setTyped({});
      onAdded();
      onClose();
    },
  });
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Add a contact"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            busy={add.isPending}
            disabled={missing || channel?.unavailable !== undefined}
            onClick={() => add.mutate()}
          >
            Add
          </Button>
        </>
      }
    >
      <Loaded what="the channels" query={channels} skeleton={<SkeletonRows rows={4} />}>
        {(list) => (
          <div className={styles['fields']}>
            <Select
              label="By"
              value={channel?.name ?? ''}
              onChange={setChosen}
              options={list.map((one) => ({ value: one.name, label: one.summary.replace(/\.$/, '') }))}
            />
            {channel?.unavailable !== undefined && <p className={styles['failed']}>{channel.unavailable}</p>}
            <TextField label="Name" value={name} onChange={setName} autoComplete="off" />
            {fields.map((field) => (
              <Setting
                key={`${channel?.name}.${field.name}`}
                field={field}
                value={typed[field.name] ?? field.initial}
                onChange={(value) => setTyped({ ...typed, [field.name]: value })}
              />
            ))}
          </div>
        )}
      </Loaded>
      <Failure error={add.error} />
    </Dialog>
  );
}

interface SettingProps {
  readonly field: SettingField;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Setting({ field, value, onChange }: SettingProps) {
  const { label, kind, hint, options } = field;
  if (kind === 'switch')
    return <Checkbox label={label} checked={value === 'true'} onChange={(on) => onChange(String(on))} />;
  if (kind === 'choice')
    return (
      <Select
        label={label}
        value={value}
        onChange={onChange}
        options={options.map((option) => ({ value: option, label: option }))}
      />
    );
  if (kind === 'lines')
    return (
      <TextArea
        label={label}
        value={value}
        onChange={onChange}
        rows={2}
        mono
        {...(hint === undefined ? {} : { hint })}
      />
    );
  return (
    <TextField
      label={label}
      value={value}
      onChange={onChange}
      hint={hint}
      type={kind === 'secret' ? 'password' : 'text'}
      inputMode={kind === 'number' ? 'numeric' : undefined}
      autoComplete={kind === 'secret' ? 'new-password' : 'off'}
      mono={kind !== 'secret'}
    />
  );
}
