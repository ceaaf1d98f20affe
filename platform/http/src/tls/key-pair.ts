/** A certificate with its key: given, or made and kept here. */
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { UndercroftError } from '@undercroft/kernel';

/** Both in PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** @throws UndercroftError `http.tls` naming the file or what is wrong with it */
export async function givenKeyPair(certificateFile: string | undefined, keyFile: string | undefined): Promise<KeyPair> {
  if (certificateFile === undefined || keyFile === undefined) {
    throw new UndercroftError('http.tls', 'TLS mode `given` needs a certificate and its key.', {
      fix: 'Set `http.tls.certificate` and `http.tls.key` to PEM files, or `http.tls.mode: own`.',
    });
  }
  const [certificate, key] = await Promise.all([certificateFile, keyFile].map(readPem));
  const pair = { certificate: certificate ?? '', key: key ?? '' };
  try {
    createSecureContext({ cert: pair.certificate, key: pair.key });
  } catch (cause) {
    throw new UndercroftError(
      'http.tls',
      `${certificateFile} and ${keyFile} are no pair: ${(cause as Error).message}.`,
      {
        fix: 'Both must be PEM, the certificate first in its file, the key without a passphrase.',
        cause,
      },
    );
  }
  return pair;
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UndercroftError('http.tls', `${file} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}
