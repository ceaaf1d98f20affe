import { isIP } from 'node:net';
import { checkServerIdentity, connect } from 'node:tls';
import Type, { type Static } from 'typebox';
import type { PluginReading } from '../../language/plugin-output.ts';
import { type NativeCheck, reading, why } from '../native.ts';

const DAY_MS = 86_400_000;

const Options = Type.Object(
  {
    host: Type.String({ minLength: 1, maxLength: 253 }),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    name: Type.Optional(
      Type.String({ maxLength: 253, description: 'The name the certificate must be for; the host if absent.' }),
    ),
    warnDays: Type.Optional(Type.Number({ minimum: 0 })),
    critDays: Type.Optional(Type.Number({ minimum: 0 })),
    selfSigned: Type.Optional(Type.Boolean({ description: 'Accept a certificate that no known authority signed.' })),
  },
  { additionalProperties: false },
);

/** Is the certificate the right one, trusted, and good for long enough? */
export const tlsCheck: NativeCheck<Static<typeof Options>> = {
  kind: 'tls',
  options: Options,
  run: (options, signal) =>
    new Promise((resolve, reject) => {
      const { host, port = 443, name = host, selfSigned = false } = options;
      // The handshake goes on with any certificate, so that what is wrong with it can be said.
      const socket = connect({
        host,
        port,
        rejectUnauthorized: false,
        ...(isIP(name) === 0 ? { servername: name } : {}),
      });
      const abort = (): void => {
        socket.destroy();
        reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      socket.once('close', () => signal.removeEventListener('abort', abort));
      socket.once('error', (error) => resolve(reading('critical', `${host}:${port}: ${why(error)}`)));
      socket.once('secureConnect', () => {
        const certificate = socket.getPeerCertificate();
        const chain = codeOf(socket.authorizationError);
        socket.destroy();
        // An unknown signer hides a wrong name, so the name is looked at by itself.
        const wrongName = checkServerIdentity(name, certificate);
        const trusted = chain === undefined || (selfSigned && UNTRUSTED.has(chain));
        const fault = trusted ? codeOf(wrongName) : chain;
        resolve(judge(options, Date.parse(certificate.valid_to), String(certificate.subject?.CN ?? ''), fault));
      });
    }),
};

const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

function codeOf(error: unknown): string | undefined {
  if (error === null || error === undefined) return undefined;
  return String((error as { code?: string }).code ?? error);
}

function judge(
  options: Static<typeof Options>,
  notAfterMs: number,
  subject: string,
  fault: string | undefined,
): PluginReading {
  const { warnDays = 21, critDays = 7 } = options;
  const days = Math.floor((notAfterMs - Date.now()) / DAY_MS);
  const perfdata = [{ label: 'days', value: days, uom: 'd', warn: `${warnDays}:`, crit: `${critDays}:` }];
  const what = `Certificate ${subject}`;
  if (days < 0) return reading('critical', `${what} ended ${-days} days ago`, perfdata);
  if (fault !== undefined) return reading('critical', `${what} is not trusted: ${fault}`, perfdata);
  const state = days <= critDays ? 'critical' : days <= warnDays ? 'warning' : 'ok';
  return reading(state, `${what} ends in ${days} days`, perfdata);
}
