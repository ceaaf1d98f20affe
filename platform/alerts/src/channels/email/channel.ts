/** Email over SMTP. */
import nodemailer from 'nodemailer';
import Type, { type Static } from 'typebox';
import type { Message } from '../../engine/message.ts';
import { type Channel, ChannelError } from '../channel.ts';

const TIMEOUT_MS = 20_000;
const PERMANENT_FROM = 500;

interface SmtpError extends Error {
  readonly responseCode?: number;
  readonly code?: string;
}

const Settings = Type.Object(
  {
    host: Type.String({ minLength: 1, maxLength: 253, description: 'SMTP server.' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 587 }),
    encryption: Type.Union([Type.Literal('starttls'), Type.Literal('tls'), Type.Literal('none')], {
      default: 'starttls',
      description: 'starttls: required, on the submission port; tls: from the first byte; none: clear text.',
    }),
    verifyCertificate: Type.Boolean({ default: true }),
    user: Type.Optional(Type.String({ maxLength: 320 })),
    password: Type.Optional(Type.String({ maxLength: 1000 })),
    from: Type.String({ minLength: 3, maxLength: 320, description: 'Sender address.' }),
    to: Type.Array(Type.String({ minLength: 3, maxLength: 320 }), { minItems: 1, maxItems: 50 }),
  },
  { additionalProperties: false },
);

export const email: Channel = {
  name: 'email',
  summary: 'Email over SMTP.',
  settings: Settings,
  secrets: ['password'],
  unavailable: () => undefined,
  async send(message, given, { signal }) {
    const settings = given as Static<typeof Settings>;
    const transport = nodemailer.createTransport({
      host: settings.host,
      port: settings.port,
      secure: settings.encryption === 'tls',
      requireTLS: settings.encryption === 'starttls',
      ignoreTLS: settings.encryption === 'none',
      tls: { rejectUnauthorized: settings.verifyCertificate },
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(settings.user === undefined ? {} : { auth: { user: settings.user, pass: settings.password ?? '' } }),
    });
    const abort = (): void => transport.close();
    signal.addEventListener('abort', abort, { once: true });
    try {
      const { rejected } = await transport.sendMail(mailOf(message, settings));
      if (rejected.length > 0) {
        throw new ChannelError(`The server refused ${rejected.length} of the addresses: ${rejected.join(', ')}`, {
          final: true,
        });
      }
    } catch (error) {
      if (error instanceof ChannelError) throw error;
      throw failure(error as SmtpError, settings);
    } finally {
      signal.removeEventListener('abort', abort);
      transport.close();
    }
  },
};

function mailOf(message: Message, settings: Static<typeof Settings>) {
  const domain = settings.from.replace(/^.*@/, '').replace(/[^A-Za-z0-9.-]/g, '') || 'undercroft.local';
  const [problem] = message.problems;
  const thread =
    message.problems.length === 1 && problem !== undefined ? `<problem-${problem.id}@${domain}>` : undefined;
  return {
    from: settings.from,
    to: [...settings.to],
    subject: message.subject,
    text: message.text,
    messageId: `<${message.id}@${domain}>`,
    ...(thread === undefined ? {} : { references: [thread], inReplyTo: thread }),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Undercroft-Delivery': message.id },
  };
}

/** A wrong password may be mended; what else the server answers with 5xx it will answer again. */
function failure(error: SmtpError, settings: Static<typeof Settings>): ChannelError {
  const permanent = (error.responseCode ?? 0) >= PERMANENT_FROM && error.code !== 'EAUTH';
  return new ChannelError(`${settings.host}:${settings.port}: ${error.message}`, { final: permanent, cause: error });
}
