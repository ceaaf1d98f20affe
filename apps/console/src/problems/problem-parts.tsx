/** What the list and the page of a problem both show. */
import type { Problem } from '../api/types.ts';
import { Link } from '../app/link.tsx';
import type { StatusState } from '../ui/status.tsx';

export function statusOf(problem: Problem): StatusState {
  return problem.closedAt !== undefined ? 'ok' : (problem.state as StatusState);
}

export function AssetLinks({
  problem,
  names,
}: {
  readonly problem: Problem;
  readonly names: ReadonlyMap<string, string>;
}) {
  return problem.assets.slice(0, 3).map((id, index) => (
    <span key={id}>
      {index > 0 && ', '}
      <Link to={`/assets/${encodeURIComponent(id)}`}>{names.get(id) ?? shortId(id)}</Link>
    </span>
  ));
}

function shortId(id: string): string {
  return id.length > 14 ? `${id.slice(0, 6)}…${id.slice(-4)}` : id;
}
