import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, expect, test } from 'vitest';
import type { Message } from '../../engine/message.ts';
import { email } from './channel.ts';

const MESSAGE: Message = {
  id: '01K5QJ3V7N8Y2M4X6Z0A1B2C3D',
  kind: 'problem',
  tenant: 'default',
  subject: 'Critical: /var on web-1 is 95 % full – größer\r\nBcc: evil@example.org',
  text: 'Critical: /var on web-1 is 95 % full\n\nNext: delete something\n',
  timeAt: '2026-11-24T09:00:00.000Z',
  problems: [
    {
      id: '01K5QJ3V7N8Y2M4X6Z0A1B2C3E',
      state: 'critical',
      title: '/var is full',
      detail: '',
      next: '',
      source: 'metrics',
      rule: 'full',
      subject: 'x',
      assets: [],
      openedAt: '2026-11-24T09:00:00.000Z',
      evidence: [],
    },
  ],
};

interface Received {
  readonly from: string;
  readonly to: string[];
  readonly user: unknown;
  readonly secure: boolean;
  readonly text: string;
}

let server: SMTPServer | undefined;
afterEach(() => new Promise<void>((done) => (server === undefined ? done() : server.close(done))));

async function listen(options: SMTPServerOptions = {}): Promise<{ port: number; received: Received[] }> {
  const received: Received[] = [];
  const started = new SMTPServer({
    authOptional: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      password === 'right' ? done(null, { user: username }) : done(new Error('Invalid username or password')),
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith('nobody') ? Object.assign(new Error('No such user'), { responseCode: 550 }) : null),
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: session.user,
          secure: session.secure,
          text: Buffer.concat(parts).toString(),
        });
        done();
      });
    },
    ...options,
  });
  server = started;
  const listening = started.listen(0, '127.0.0.1');
  await new Promise((done) => listening.once('listening', done));
  return { port: (listening.address() as AddressInfo).port, received };
}

const settings = (port: number, more: object = {}) => ({
  host: '127.0.0.1',
  port,
  encryption: 'none',
  verifyCertificate: false,
  from: 'undercroft@example.org',
  to: ['ana@example.org', 'ben@example.org'],
  ...more,
});
const send = (given: object): Promise<void> =>
  email.send(MESSAGE, given as never, { signal: AbortSignal.timeout(10_000) });

test('a message arrives whole, with an id that stays the same, and no header can be smuggled in', async () => {
  const { port, received } = await listen();
  await send(settings(port));
  expect(received).toHaveLength(1);
  const [mail] = received;
  expect(mail).toMatchObject({ from: 'undercroft@example.org', to: ['ana@example.org', 'ben@example.org'] });
  const [head = '', body = ''] = mail!.text.split('\r\n\r\n');
  expect(head).toContain('Message-ID: <01K5QJ3V7N8Y2M4X6Z0A1B2C3D@example.org>');
  expect(head).toContain('In-Reply-To: <problem-01K5QJ3V7N8Y2M4X6Z0A1B2C3E@example.org>');
  expect(head).toContain('Auto-Submitted: auto-generated');
  expect(head).not.toMatch(/^Bcc:/m);
  expect(`${body}${mail!.text}`).toContain('Next: delete something');
});

test('with STARTTLS and a password', async () => {
  const { port, received } = await listen({ authOptional: false });
  await send(settings(port, { encryption: 'starttls', user: 'undercroft', password: 'right' }));
  expect(received[0]).toMatchObject({ user: 'undercroft', secure: true });
});

test('a wrong password may be mended and is tried again; clear text is refused where encryption is asked for', async () => {
  const { port } = await listen({ authOptional: false });
  await expect(send(settings(port, { encryption: 'starttls', user: 'u', password: 'wrong' }))).rejects.toMatchObject({
    name: 'ChannelError',
    final: false,
    message: expect.stringContaining('Invalid username or password'),
  });
  await server!.close();
  const plain = await listen({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] });
  await expect(send(settings(plain.port, { encryption: 'starttls' }))).rejects.toMatchObject({ name: 'ChannelError' });
  expect(plain.received).toEqual([]);
});

test('an address that the server does not know is final; a server that is not there is not', async () => {
  const { port } = await listen();
  await expect(send(settings(port, { to: ['nobody@example.org'] }))).rejects.toMatchObject({ final: true });
  await new Promise<void>((done) => server!.close(done));
  server = undefined;
  await expect(send(settings(port))).rejects.toMatchObject({ name: 'ChannelError', final: false });
});
