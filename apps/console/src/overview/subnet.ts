import type { Asset } from '../api/types.ts';

const PRIVATE = /^(10|172\.(1[6-9]|2\d|3[01])|192\.168)\./;

/** The /24 around the host's first private address; undefined where it has none: public neighbours are not ours to scan. */
export function subnetOf(host: Asset | undefined): string | undefined {
  const addresses = host?.attributes['addresses'];
  if (!Array.isArray(addresses)) return undefined;
  const address = addresses.find((one): one is string => typeof one === 'string' && PRIVATE.test(one));
  return address === undefined ? undefined : `${address.split('/')[0]?.split('.').slice(0, 3).join('.')}.0/24`;
}
