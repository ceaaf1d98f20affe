/** Until when, and why: what is planned does not wake anybody. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '../api/client.ts';
import type { Problem } from '../api/types.ts';
import { formatTime } from '../time/format.ts';
import { now } from '../time/now.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextArea } from '../ui/field.tsx';
import { ErrorState } from '../ui/states.tsx';
import { toast } from '../ui/toasts.tsx';
import styles from './problems.module.css';

const SPANS = [
  ['30 min', 30],
  ['1 h', 60],
  ['4 h', 240],
  ['24 h', 1440],
] as const;
const DEFAULT_MINUTES = 60;

export interface DowntimeDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly problems: readonly Problem[];
}

export function DowntimeDialog({ open, onClose, problems }: DowntimeDialogProps) {
  const client = useQueryClient();
  const [until, setUntil] = useState('');
  const [comment, setComment] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    if (!open) return;
    setUntil(localText(now() + DEFAULT_MINUTES * 60_000));
    setComment('');
    setFailure(undefined);
  }, [open]);
  const untilMs = Date.parse(until);
  const valid = untilMs > now();
  const submit = async () => {
    if (!valid) return;
    setBusy(true);
    setFailure(undefined);
    try {
      const body = { untilAt: new Date(untilMs).toISOString(), comment };
      await (problems.length === 1
        ? api.post(`/problems/${problems[0]?.id}/downtime`, body)
        : api.post('/problems/bulk', { ids: problems.map(({ id }) => id), action: 'downtime', ...body }));
      await client.invalidateQueries({ queryKey: ['problems'] });
      toast({ text: `In downtime until ${formatTime(untilMs, now())}` });
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
      title="Downtime"
      description={problems.length === 1 ? problems[0]?.title : `${problems.length} problems stay quiet until then.`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" disabled={!valid} busy={busy} onClick={() => void submit()}>
            Start downtime
          </Button>
        </>
      }
    >
      <div className={styles['downtime']}>
        <label>
          Until
          <input
            type="datetime-local"
            value={until}
            onChange={(event) => setUntil(event.target.value)}
            aria-invalid={!valid || undefined}
          />
        </label>
        <span className={styles['spans']}>
          {SPANS.map(([label, minutes]) => (
            <Button key={label} small tone="ghost" onClick={() => setUntil(localText(now() + minutes * 60_000))}>
              {label}
            </Button>
          ))}
        </span>
      </div>
      {until !== '' && !valid && <p className={styles['fieldError']}>It must end in the future.</p>}
      <TextArea
        label="Why"
        value={comment}
        onChange={setComment}
        rows={2}
        hint="Shown to who looks at it meanwhile."
        onSubmit={() => void submit()}
      />
      {failure !== undefined && <ErrorState inline what="The downtime" error={failure} />}
    </Dialog>
  );
}

/** As a datetime-local field takes it, in the zone of the browser. */
function localText(ms: number): string {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16);
}
