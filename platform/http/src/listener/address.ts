/** The address to listen on, and what can go wrong with it. */
import { UndercroftError } from '@undercroft/kernel';
import { portHolder } from './port-holder.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** @param text `host:port`, an IPv6 address in brackets */
export function parseListen(text: string): ListenAddress {
  const [, bracketed, name, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? name;
  if (host === undefined || Number(port) > 65_535) {
    throw new UndercroftError('http.listen', `${JSON.stringify(text)} is not an address to listen on.`, {
      fix: 'Write host:port, as in --listen 127.0.0.1:7600.',
    });
  }
  return { host, port: Number(port) };
}

export function urlOf(scheme: 'http' | 'https', address: ListenAddress): string {
  const unspecified = address.host === '0.0.0.0' || address.host === '::';
  const host = unspecified ? '127.0.0.1' : address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${scheme}://${host}:${address.port}`;
}

/** Says in the user's words why listening failed. */
export async function listenError(error: unknown, address: ListenAddress): Promise<Error> {
  const { code } = error as NodeJS.ErrnoException;
  const { host, port } = address;
  const fix = `Choose another: --listen ${host.includes(':') ? `[${host}]` : host}:${port === 7600 ? 7601 : 7600}, or \`http.listen\` in undercroft.yaml.`;
  if (code === 'EADDRINUSE') {
    const holder = await portHolder(port);
    return new UndercroftError(
      'http.port-in-use',
      `Port ${port} on ${host} is in use${holder === undefined ? '' : ` by ${holder}`}.`,
      { fix, cause: error },
    );
  }
  if (code === 'EACCES') {
    return new UndercroftError(
      'http.port-denied',
      `Port ${port} may only be opened by root or with CAP_NET_BIND_SERVICE.`,
      { fix, cause: error },
    );
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new UndercroftError('http.address', `${host} is not an address of this machine.`, { fix, cause: error });
  }
  return error as Error;
}
