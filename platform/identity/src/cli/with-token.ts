import { UndercroftError } from '@undercroft/kernel';

const TIMEOUT_MS = 30_000;

/** One request with a token that is not the saved one. @throws UndercroftError with the server's own words */
export async function requestWithToken(url: string, token: string, method: string, path: string): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`${url}/platform/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw new UndercroftError('cli.unreachable', `no answer from ${url}`, {
      fix: 'start it with "undercroft up", or give --url',
      cause,
    });
  }
  const text = await response.text();
  const body =
    /[/+]json\b/.test(response.headers.get('content-type') ?? '') && text !== '' ? JSON.parse(text) : undefined;
  if (response.ok) return body;
  throw new UndercroftError(
    body?.code ?? `http.${response.status}`,
    body?.detail ?? `the server answered ${response.status}`,
    {
      status: response.status,
      ...(body?.fix === undefined ? {} : { fix: body.fix }),
    },
  );
}
