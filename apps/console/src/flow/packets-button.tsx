/** The packets behind a record or a conversation: a file of them, or why there is none and how to keep some. */
import { useState } from 'react';
import { useMay } from '../api/rights.ts';
import { formatBytes, formatTime, msOf } from '../time/format.ts';
import { now } from '../time/now.ts';
import { Button } from '../ui/button.tsx';
import { ErrorState } from '../ui/states.tsx';
import { useSetup } from './data.ts';
import styles from './flow.module.css';
import { type PacketsOf, savePackets } from './packets.ts';

type Outcome = { readonly kind: 'saved'; readonly bytes: number } | { readonly kind: 'none' } | undefined;

export function PacketsButton({ of, label = 'Save packets' }: { readonly of: PacketsOf; readonly label?: string }) {
  const may = useMay();
  const setup = useSetup().data;
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const [failure, setFailure] = useState<unknown>();
  if (!may('read packets') || setup === undefined) return null;
  const { enabled, oldestAt, maxBytes } = setup.packets;
  if (!enabled) {
    return (
      <p className={styles['note']}>
        Packets are not kept, only records of them. To keep the last ones, set <code>flow.packets.enabled: true</code>{' '}
        in undercroft.yaml.
      </p>
    );
  }
  if (oldestAt !== undefined && of.toMs < msOf(oldestAt)) {
    return (
      <p className={styles['note']}>
        Its packets are gone: what fits into {formatBytes(maxBytes)} goes back to {formatTime(msOf(oldestAt), now())}.
      </p>
    );
  }
  const save = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const bytes = await savePackets(of);
      setOutcome(bytes === undefined ? { kind: 'none' } : { kind: 'saved', bytes });
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={styles['packets']}>
      <Button busy={busy} onClick={() => void save()}>
        {label}
      </Button>
      {outcome !== undefined && failure === undefined && (
        <span role="status">
          {outcome.kind === 'none' ? 'None of them is kept.' : `${formatBytes(outcome.bytes)} saved as pcapng.`}
        </span>
      )}
      {failure !== undefined && <ErrorState inline what="The packets" error={failure} retry={() => void save()} />}
    </div>
  );
}
