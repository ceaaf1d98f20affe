/**
 * The session cookie. One rule for its name: over HTTPS `__Host-undercroft_session` with `Secure`, otherwise
 * `undercroft_session`. Only the name of the listener's own scheme is read.
 */
export const COOKIE_NAME = 'undercroft_session';
export const CSRF_HEADER = 'x-undercroft-csrf';

export function cookieName(secure: boolean): string {
  return secure ? `__Host-${COOKIE_NAME}` : COOKIE_NAME;
}

/** @param maxAgeS seconds until the browser forgets it; 0 takes it away */
export function sessionCookie(value: string, maxAgeS: number, secure: boolean): string {
  const flags = `Path=/; Max-Age=${Math.floor(maxAgeS)}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  return `${cookieName(secure)}=${value}; ${flags}`;
}

/** The value of the session cookie in a `Cookie` header; undefined if there is none or more than one. */
export function readCookie(header: string | undefined, secure: boolean): string | undefined {
  if (header === undefined) return undefined;
  const prefix = `${cookieName(secure)}=`;
  const values = header
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix));
  const value = values[0]?.slice(prefix.length);
  return values.length === 1 && value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value) ? value : undefined;
}
