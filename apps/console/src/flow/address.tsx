import { Link } from '../app/link.tsx';
import styles from './flow.module.css';

export type AssetNames = ReadonlyMap<string, string>;

/** An address, with the name of its asset where one is known; leads to what it talked about. */
export function Address({ of, names }: { readonly of: string; readonly names: AssetNames }) {
  // Frames that are not IP have hardware addresses only, which are not kept.
  if (!/[.:]/.test(of)) return <span className={styles['quiet']}>{of}</span>;
  const name = names.get(of);
  return (
    <Link to={hostPath(of)} className={styles['address']} title={name === undefined ? of : `${of}, ${name}`}>
      <code>{of}</code>
      {name !== undefined && <span>{name}</span>}
    </Link>
  );
}

export function hostPath(address: string): string {
  return `/flows/host/${encodeURIComponent(address)}`;
}
