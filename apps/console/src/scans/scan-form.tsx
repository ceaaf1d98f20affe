/** Starts a scan, and shows what Nmap would be asked for the same. */
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api } from '../api/client.ts';
import { Button } from '../ui/button.tsx';
import { CommandLine } from '../ui/command-line.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextArea, TextField } from '../ui/field.tsx';
import { ErrorState } from '../ui/states.tsx';
import { Checkbox } from '../ui/switch.tsx';
import { nmapLine, type ScanRequest, type ScanRun } from './data.ts';
import styles from './scans.module.css';

const PORTS = /^(-|\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*)$/;

export interface ScanFormProps {
  readonly open: boolean;
  readonly onClose: () => void;
  /** To begin with: of another scan, or a target from the address. */
  readonly first?: ScanRequest | undefined;
}

export function ScanForm({ open, onClose, first }: ScanFormProps) {
  const navigate = useNavigate();
  const [targets, setTargets] = useState('');
  const [ports, setPorts] = useState('');
  const [services, setServices] = useState(true);
  const [rate, setRate] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    if (!open) return;
    setTargets(first?.targets.join('\n') ?? '');
    setPorts(first?.ports ?? '');
    setServices(first?.serviceDetection !== false);
    setRate(first?.maxRate === undefined ? '' : String(first.maxRate));
    setFailure(undefined);
  }, [open, first]);

  const list = targets.split(/[\s,]+/).filter((target) => target !== '');
  const portsError = ports.trim() === '' || PORTS.test(ports.trim()) ? undefined : '22,80,8000-8100, or - for all.';
  const rateError = rate.trim() === '' || /^[1-9]\d{0,5}$/.test(rate.trim()) ? undefined : 'Probes a second, from 1.';
  const request: ScanRequest = {
    targets: list,
    ...(ports.trim() === '' ? {} : { ports: ports.trim() }),
    ...(services ? {} : { serviceDetection: false }),
    ...(rate.trim() === '' ? {} : { maxRate: Number(rate) }),
  };
  const valid = list.length > 0 && portsError === undefined && rateError === undefined;
  const submit = async () => {
    if (!valid) return;
    setBusy(true);
    setFailure(undefined);
    try {
      const run = await api.post<ScanRun>('/scans', request);
      onClose();
      void navigate({ to: `/scans/${run.id}` } as never);
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
      title="New scan"
      description="Beyond this machine nothing is scanned until you press the button, and only what scan.allowed lets through."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" busy={busy} disabled={!valid} onClick={() => void submit()}>
            Start scan
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
        <TextArea
          label="Targets"
          value={targets}
          onChange={setTargets}
          rows={3}
          mono
          autoFocus
          hint="Addresses, names, blocks (10.0.0.0/24) or octet ranges (10.0.0-3.1,5), one after the other."
          onSubmit={() => void submit()}
        />
        <div className={styles['pair']}>
          <TextField
            label="Ports"
            value={ports}
            onChange={setPorts}
            mono
            placeholder="22,80,8000-8100"
            error={portsError}
            hint="Well-known ones if empty."
          />
          <TextField
            label="Probes a second"
            value={rate}
            onChange={setRate}
            inputMode="numeric"
            error={rateError}
            hint="As fast as answers come if empty."
          />
        </div>
        <Checkbox label="Talk to open ports to learn what they are" checked={services} onChange={setServices} />
        <div>
          <p className={styles['quiet']}>The same in Nmap</p>
          <CommandLine
            command={list.length === 0 ? `${nmapLine({ ...request, targets: ['…'] })}` : nmapLine(request)}
          />
        </div>
        {failure !== undefined && <ErrorState inline what="The scan did not start" error={failure} />}
      </form>
    </Dialog>
  );
}
