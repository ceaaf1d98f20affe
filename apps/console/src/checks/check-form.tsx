/** Adds a check, or changes one of one's own. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '../api/client.ts';
import type { Asset } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Select } from '../ui/select.tsx';
import { ErrorState } from '../ui/states.tsx';
import { Checkbox } from '../ui/switch.tsx';
import { toast } from '../ui/toasts.tsx';
import styles from './checks.module.css';
import { CHECKS_KEY, type Check, type CheckKind } from './data.ts';
import { KIND_OPTIONS, KIND_WORDS, type OptionField, type OptionTexts, optionTexts, readOptions } from './options.ts';

interface Timing {
  readonly intervalS: string;
  readonly retryS: string;
  readonly maxAttempts: string;
  readonly timeoutMs: string;
}

const DEFAULT_TIMING: Timing = { intervalS: '60', retryS: '15', maxAttempts: '3', timeoutMs: '10000' };
const TIMING_FIELDS: readonly (readonly [keyof Timing, string])[] = [
  ['intervalS', 'Every, s'],
  ['retryS', 'Again when bad, s'],
  ['maxAttempts', 'Bad results until hard'],
  ['timeoutMs', 'Give up after, ms'],
];
const NO_ASSET = 'none';

export interface CheckFormProps {
  readonly open: boolean;
  readonly onClose: () => void;
  /** The one to change; a new one if absent. */
  readonly check?: Check | undefined;
  readonly hosts: readonly Asset[];
}

export function CheckForm({ open, onClose, check, hosts }: CheckFormProps) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<CheckKind>('http');
  const [texts, setTexts] = useState<OptionTexts>({});
  const [timing, setTiming] = useState(DEFAULT_TIMING);
  const [asset, setAsset] = useState(NO_ASSET);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    if (!open) return;
    setName(check?.name ?? '');
    setKind(check?.kind ?? 'http');
    setTexts(check === undefined ? {} : optionTexts(check.kind, check.options));
    setTiming(check === undefined ? DEFAULT_TIMING : timingOf(check));
    setAsset(check?.asset ?? NO_ASSET);
    setTried(false);
    setFailure(undefined);
  }, [open, check]);

  const read = readOptions(kind, texts);
  const timingErrors = Object.fromEntries(
    TIMING_FIELDS.filter(([key]) => !/^[1-9]\d*$/.test(timing[key])).map(([key]) => [key, 'A whole number from 1.']),
  );
  const nameError = name.trim() === '' ? 'A name is needed.' : undefined;
  const valid =
    nameError === undefined && Object.keys(read.errors).length === 0 && Object.keys(timingErrors).length === 0;

  const submit = async () => {
    setTried(true);
    if (!valid) return;
    setBusy(true);
    setFailure(undefined);
    const body = {
      name: name.trim(),
      options: read.options,
      ...Object.fromEntries(TIMING_FIELDS.map(([key]) => [key, Number(timing[key])])),
      ...(asset === NO_ASSET ? {} : { asset }),
    };
    try {
      if (check === undefined) await api.post<Check>('/checks', { kind, ...body });
      else await api.patch<Check>(`/checks/${encodeURIComponent(check.id)}`, body);
      await client.invalidateQueries({ queryKey: CHECKS_KEY });
      toast({ text: check === undefined ? `${name.trim()} is checked from now on` : 'Changed' });
      onClose();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      wide
      title={check === undefined ? 'Add a check' : `Change ${check.name}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" busy={busy} onClick={() => void submit()}>
            {check === undefined ? 'Add check' : 'Save'}
          </Button>
        </>
      }
    >
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div className={styles['pair']}>
          <TextField
            label="Name"
            autoFocus
            value={name}
            onChange={setName}
            error={tried ? nameError : undefined}
            placeholder="Website"
          />
          <Select
            label="Kind"
            value={kind}
            onChange={(next) => {
              setKind(next);
              setTexts({});
            }}
            disabled={check !== undefined}
            options={Object.entries(KIND_WORDS).map(([value, label]) => ({ value: value as CheckKind, label }))}
          />
        </div>
        <div className={styles['pair']}>
          {KIND_OPTIONS[kind].map((field) => (
            <Option
              key={field.key}
              field={field}
              value={texts[field.key] ?? ''}
              error={tried ? read.errors[field.key] : undefined}
              onChange={(value) => setTexts({ ...texts, [field.key]: value })}
            />
          ))}
        </div>
        <div className={styles['four']}>
          {TIMING_FIELDS.map(([key, label]) => (
            <TextField
              key={key}
              label={label}
              inputMode="numeric"
              value={timing[key]}
              onChange={(value) => setTiming({ ...timing, [key]: value })}
              error={timingErrors[key]}
            />
          ))}
        </div>
        <Select
          label="About"
          value={asset}
          onChange={setAsset}
          options={[
            { value: NO_ASSET, label: 'found by its host or address' },
            ...hosts.map((host) => ({ value: host.id, label: host.name })),
          ]}
        />
        <button type="submit" className="visually-hidden" tabIndex={-1}>
          {check === undefined ? 'Add check' : 'Save'}
        </button>
        {failure !== undefined && <ErrorState inline what="The check was not saved" error={failure} />}
      </form>
    </Dialog>
  );
}

interface OptionProps {
  readonly field: OptionField;
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

function Option({ field, value, error, onChange }: OptionProps) {
  if (field.type === 'flag') {
    return (
      <Checkbox
        label={field.label}
        checked={value === 'true'}
        onChange={(checked) => onChange(checked ? 'true' : '')}
      />
    );
  }
  return (
    <div className={field.type === 'command' ? styles['whole'] : undefined}>
      <TextField
        label={field.label}
        value={value}
        onChange={onChange}
        error={error}
        mono
        {...(field.placeholder === undefined ? {} : { placeholder: field.placeholder })}
        {...(field.hint === undefined ? {} : { hint: field.hint })}
      />
    </div>
  );
}

function timingOf(check: Check): Timing {
  return {
    intervalS: String(check.intervalS),
    retryS: String(check.retryS),
    maxAttempts: String(check.maxAttempts),
    timeoutMs: String(check.timeoutMs),
  };
}
