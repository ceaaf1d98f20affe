/** A problem beside the list or on its page: why, what to do next, what was said. */
import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { api } from '../api/client.ts';
import { useMay } from '../api/rights.ts';
import type { Problem } from '../api/types.ts';
import { formatTime, msOf } from '../time/format.ts';
import { useNow } from '../time/now.ts';
import { Button } from '../ui/button.tsx';
import { TextArea } from '../ui/field.tsx';
import { Section } from '../ui/section.tsx';
import { Loaded } from '../ui/states.tsx';
import { type ProblemActions, useDraft } from './actions.ts';
import { EvidenceChain } from './evidence.tsx';
import styles from './problems.module.css';
import type { HistoryEntry, ProblemWithHistory } from './words.ts';

export function useProblem(id: string) {
  return useQuery({
    queryKey: ['problems', 'one', id],
    queryFn: ({ signal }) => api.get<ProblemWithHistory>(`/problems/${encodeURIComponent(id)}`, undefined, { signal }),
  });
}

export function ProblemWhy({ problem }: { readonly problem: Problem }) {
  return (
    <Section
      title="What happened"
      note={problem.evidence.length > 1 ? `${problem.evidence.length} signals, one chain` : undefined}
    >
      {problem.evidence.length === 0 ? (
        <p className={styles['plain']}>{problem.detail || problem.title}</p>
      ) : (
        <EvidenceChain evidence={problem.evidence} />
      )}
      {problem.next !== '' && (
        <p className={styles['next']}>
          Next: <b>{problem.next}</b>
        </p>
      )}
    </Section>
  );
}

export function ProblemHistory({
  id,
  actions,
  problem,
}: {
  readonly id: string;
  readonly actions: ProblemActions;
  readonly problem: Problem;
}) {
  const query = useProblem(id);
  const mayComment = useMay()('comment on problems');
  const [text, setText] = useDraft(`problem.${id}`);
  const form = useRef<HTMLFormElement>(null);
  const send = async () => {
    if (text.trim() === '') return;
    if (await actions.comment(problem, text.trim())) setText('');
  };
  return (
    <Section title="History">
      <Loaded what="Its history" query={query}>
        {(data) => <HistoryList entries={data.history ?? []} />}
      </Loaded>
      {mayComment && (
        <form
          ref={form}
          className={styles['composer']}
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <TextArea label="Comment" value={text} onChange={setText} rows={2} onSubmit={() => void send()} />
          <Button type="submit" disabled={text.trim() === ''}>
            Add comment
          </Button>
        </form>
      )}
    </Section>
  );
}

const KINDS: Readonly<Record<string, string>> = {
  opened: 'Opened',
  reopened: 'Opened again',
  changed: 'Changed',
  closed: 'Closed',
  notified: 'Told',
  acknowledged: 'Acknowledged',
  unacknowledged: 'Let go',
  comment: 'Said',
  downtime: 'Downtime',
  flapping: 'Flapping',
};

function HistoryList({ entries }: { readonly entries: readonly HistoryEntry[] }) {
  const nowMs = useNow();
  if (entries.length === 0) return <p className={styles['plain']}>Nothing yet but its opening.</p>;
  return (
    <ol className={styles['chain']}>
      {[...entries]
        .sort((a, b) => msOf(a.timeAt) - msOf(b.timeAt))
        .map((entry) => (
          <li key={`${entry.timeAt}${entry.kind}${entry.text}`} data-kind={entry.kind}>
            <time dateTime={entry.timeAt} title={entry.timeAt}>
              {formatTime(msOf(entry.timeAt), nowMs)}
            </time>
            <span>{entry.by ?? KINDS[entry.kind] ?? entry.kind}</span>
            <p>{entry.text || KINDS[entry.kind] || entry.kind}</p>
          </li>
        ))}
    </ol>
  );
}
