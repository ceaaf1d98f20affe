import type { Problem } from '../api/types.ts';
import { Link } from '../app/link.tsx';
import { StatusIcon, type StatusState, statusWord, worstStatus } from '../ui/status.tsx';
import styles from './assets.module.css';
import type { AssetItem } from './data.ts';

/** The state of an asset: its worst open problem, else whether it is there. */
type Seen = Pick<AssetItem, 'present' | 'silent'>;

export function assetState(asset: Seen, problems: readonly Problem[]): StatusState {
  if (problems.length > 0) return worstStatus(problems.map(({ state }) => state as StatusState));
  return asset.present && asset.silent !== true ? 'ok' : 'silent';
}

export function stateWord(asset: Seen, problems: readonly Problem[]): string {
  return problems.length === 0 && !asset.present ? 'Gone' : statusWord(assetState(asset, problems));
}

/** Status and name; the name leads to the asset's page. */
export function AssetName({
  asset,
  problems,
}: {
  readonly asset: Pick<AssetItem, 'id' | 'name' | 'present' | 'silent'>;
  readonly problems: readonly Problem[];
}) {
  return (
    <span className={styles['name']}>
      <StatusIcon state={assetState(asset, problems)} label={stateWord(asset, problems)} />
      <Link to={`/assets/${encodeURIComponent(asset.id)}`}>{asset.name}</Link>
    </span>
  );
}
