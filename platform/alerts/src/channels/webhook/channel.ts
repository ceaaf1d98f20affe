/**
 * A webhook: the message as JSON by POST, signed. The answer must be 2xx.
 *
 * Headers: `X-Undercroft-Delivery` is the id of the notification, the same when it is sent again;
 * `X-Undercroft-Timestamp` is the time in seconds; `X-Undercroft-Signature` is `sha256=` and the hexadecimal HMAC-SHA256
 * of timestamp, a dot and the body under the secret. Receivers check it and refuse old timestamps.
 *
 * Redirects are refused. Private addresses are allowed: on closed networks the receiver is a neighbour. Whoever may
 * set contacts can therefore make this server send such a POST to any address it reaches; no answer is shown but its
 * status.
 */
import { createHmac } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { type Channel, ChannelError } from '../channel.ts';

const TIMEOUT_MS = 10_000;

const Settings = Type.Object(
  {
    url: Type.String({ pattern: '^https?://[^\\s/$.?#][^\\s]*$', maxLength: 2000, description: 'Where to send.' }),
    secret: Type.Optional(Type.String({ minLength: 8, maxLength: 1000, description: 'Key of the signature.' })),
    headers: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z0-9-]{1,100}$' }), Type.String({ maxLength: 4000 }), {
        maxProperties: 20,
        description: 'Further headers. They are shown to whoever may read contacts.',
      }),
    ),
    authorization: Type.Optional(
      Type.String({ maxLength: 4000, description: 'Authorization header: `Bearer …`. Kept secret.' }),
    ),
  },
  { additionalProperties: false },
);

export const webhook: Channel = {
  name: 'webhook',
  summary: 'POST of JSON, signed.',
  settings: Settings,
  secrets: ['secret', 'authorization'],
  unavailable: () => undefined,
  async send(message, given, { signal }) {
    const settings = given as Static<typeof Settings>;
    const body = JSON.stringify(message);
    const timestamp = String(Math.floor(Date.parse(message.timeAt) / 1000));
    const headers: Record<string, string> = {
      ...settings.headers,
      'content-type': 'application/json',
      'user-agent': 'undercroft',
      'x-undercroft-delivery': message.id,
      'x-undercroft-timestamp': timestamp,
    };
    if (settings.authorization !== undefined) headers['authorization'] = settings.authorization;
    if (settings.secret !== undefined) headers['x-undercroft-signature'] = signature(settings.secret, timestamp, body);
    const response = await post(settings.url, headers, body, signal);
    await response.body?.cancel();
    if (response.status >= 200 && response.status < 300) return;
    const { status } = response;
    if (status >= 300 && status < 400) {
      throw new ChannelError(`${host(settings.url)} answered with a redirect (${status}), which is not followed`, {
        final: true,
      });
    }
    const refused = status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429;
    throw new ChannelError(`${host(settings.url)} answered ${status}`, { final: refused });
  },
};

/** @returns value of `X-Undercroft-Signature` */
export function signature(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<Response> {
  const timeout = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    return await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: timeout });
  } catch (error) {
    const cause = (error as Error & { cause?: Error }).cause;
    const reason =
      (error as Error).name === 'TimeoutError'
        ? `no answer within ${TIMEOUT_MS / 1000} s`
        : (cause ?? (error as Error)).message;
    throw new ChannelError(`${host(url)}: ${reason}`, { cause: error });
  }
}

function host(url: string): string {
  return URL.parse(url)?.host ?? 'the address';
}
