/** Where `-S` points. */
import { ClientError } from '../options/settings.ts';

const DEFAULT_PORT = 561;

export interface RemoteAddress {
  readonly host: string;
  readonly port: number;
  readonly filter?: string;
}

/**
 * @param text `[argus[-tcp]://][user[:password]@]host[:port]`; an IPv6 address stands in brackets
 * @throws ClientError
 */
export function parseRemote(text: string, filter: string): RemoteAddress {
  const scheme = /^([a-z-]+):\/\//.exec(text)?.[1];
  if (scheme !== undefined && scheme !== 'argus' && scheme !== 'argus-tcp') {
    throw new ClientError(`${text}: only streams over TCP are read here`);
  }
  const address = text.replace(/^[a-z-]+:\/\//, '').replace(/^[^@]*@/, '');
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?\/?$/.exec(address);
  if (match === null) throw new ClientError(`host ${text} unknown`);
  const host = (match[1] ?? match[2]) as string;
  return { host, port: Number(match[3] ?? DEFAULT_PORT), ...(filter === '' ? {} : { filter }) };
}
