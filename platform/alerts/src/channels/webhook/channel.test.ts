import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { testMessage } from '../../engine/message.ts';
import { signature, webhook } from './channel.ts';

const MESSAGE = testMessage('01K5QJ3V7N8Y2M4X6Z0A1B2C3D', 'default', 'ana', Date.UTC(2026, 10, 24) * 1000);

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function listen(status: number, headers: Record<string, string> = {}) {
  const received: { method: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const started = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    received.push({ method: request.method ?? '', headers: request.headers, body: Buffer.concat(parts).toString() });
    response.writeHead(status, headers).end('answer');
  });
  server = started;
  await new Promise<void>((done) => started.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(started.address() as AddressInfo).port}/hook`, received };
}

const send = (settings: object): Promise<void> =>
  webhook.send(MESSAGE, settings as never, { signal: AbortSignal.timeout(5000) });

test('is a POST of the message, signed', async () => {
  const { url, received } = await listen(204);
  await send({ url, secret: 'a shared secret', authorization: 'Bearer t', headers: { 'X-Team': 'night' } });
  const [request] = received;
  expect(JSON.parse(request!.body)).toEqual(MESSAGE);
  const timestamp = request!.headers['x-undercroft-timestamp'] as string;
  expect(request).toMatchObject({
    method: 'POST',
    headers: {
      authorization: 'Bearer t',
      'content-type': 'application/json',
      'x-team': 'night',
      'x-undercroft-delivery': MESSAGE.id,
      'x-undercroft-signature': signature('a shared secret', timestamp, request!.body),
    },
  });
  expect(signature('key', '1', '{}')).toBe('sha256=1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224');
});

test.each([
  [500, false],
  [429, false],
  [404, true],
  [302, true],
])('an answer of %i is an error (final: %s)', async (status, final) => {
  const { url, received } = await listen(status, { location: 'http://127.0.0.1:1/elsewhere' });
  await expect(send({ url })).rejects.toMatchObject({
    name: 'ChannelError',
    final,
    message: expect.stringContaining(String(status)),
  });
  expect(received).toHaveLength(1);
});

test('nobody there may come back', async () => {
  const { url } = await listen(200);
  server!.close();
  await expect(send({ url })).rejects.toMatchObject({ name: 'ChannelError', final: false });
});
