/** Numbers and pairs on the command line. */
import { UndercroftError } from '@undercroft/kernel';

export function usage(message: string): UndercroftError {
  return new UndercroftError('flow.usage', message);
}

/** @throws UndercroftError `flow.usage` for what is no whole number within the bounds */
export function wholeNumber(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw usage(`--${name} ${text}: want a whole number from ${least} to ${most}`);
  }
  return value;
}

/** host:port, [ipv6]:port, or a host alone. */
export function hostAndPort(text: string, defaultPort: number): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port < 1 || port > 65_535) throw usage(`${text}: want host:port`);
  return { host, port };
}

/** An option that is absent rather than undefined. */
export function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: Value };
}
