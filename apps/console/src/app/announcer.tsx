import { useRef, useState } from 'react';
import { useLiveProblems } from '../api/problems.ts';

/** Reads each new critical problem aloud, once; nothing else interrupts. */
export function Announcer() {
  const [text, setText] = useState('');
  const said = useRef(new Set<string>());
  useLiveProblems((problems) => {
    const fresh = problems.filter(
      ({ id, state, hard, closedAt }) =>
        state === 'critical' && hard && closedAt === undefined && !said.current.has(id),
    );
    for (const { id } of fresh) said.current.add(id);
    if (fresh.length > 0) setText(fresh.map(({ title }) => `Critical: ${title}`).join('. '));
  });
  return (
    <div className="visually-hidden" role="status" aria-live="assertive">
      {text}
    </div>
  );
}
