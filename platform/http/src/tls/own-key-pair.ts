/**
 * A self-signed certificate of this installation: made on first use, kept in its data folder, made again before it
 * ends and when the names it must carry change. ECDSA P-256.
 */
import { webcrypto } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '@undercroft/kernel';
import type { KeyPair } from './key-pair.ts';

export const VALID_DAYS = 397;
export const RENEW_DAYS = 30;
const DAY_MS = 86_400_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface OwnKeyPairOptions {
  /** Folder that keeps it, readable for this user alone. */
  readonly folder: string;
  /** Host names and addresses that it is for; the first is its common name. */
  readonly names: readonly string[];
  readonly clock: Clock;
}

/** @returns the kept pair, or a new one when there is none, it ends soon, or the names have changed */
export async function ownKeyPair(options: OwnKeyPairOptions): Promise<KeyPair & { readonly fresh: boolean }> {
  const { folder, names, clock } = options;
  const kept = await readKept(folder);
  if (kept !== undefined && (await isGood(kept.certificate, names, clock.nowMs()))) return { ...kept, fresh: false };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made = await make(names, clock.nowMs());
  // One file, so that no crash can leave a certificate with another one's key.
  await writeWhole(folder, 'own.pem', made.key + made.certificate);
  return { ...made, fresh: true };
}

async function readKept(folder: string): Promise<KeyPair | undefined> {
  const text = await readFile(join(folder, 'own.pem'), 'utf8').catch(() => undefined);
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/.exec(text ?? '')?.[0];
  const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(text ?? '')?.[0];
  return key === undefined || certificate === undefined ? undefined : { key, certificate };
}

async function isGood(pem: string, names: readonly string[], nowMs: number): Promise<boolean> {
  const x509 = await library();
  const certificate = new x509.X509Certificate(pem);
  const carried = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  const values = new Set(carried.map((name) => String(name.value)));
  return certificate.notAfter.getTime() - nowMs > RENEW_DAYS * DAY_MS && names.every((name) => values.has(name));
}

async function make(names: readonly string[], nowMs: number): Promise<KeyPair> {
  const x509 = await library();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${names[0] ?? 'undercroft'}, O=Undercroft`,
    // An hour back, for clients whose clock is behind.
    notBefore: new Date(nowMs - 3_600_000),
    notAfter: new Date(nowMs + VALID_DAYS * DAY_MS),
    keys: keys as CryptoKeyPair,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) === 0 ? ('dns' as const) : ('ip' as const), value: name })),
      ),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const lines = key.match(/.{1,64}/g)?.join('\n') ?? '';
  return {
    certificate: `${certificate.toString('pem').trim()}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
  };
}

/** Loaded only where a certificate is made: it takes tens of milliseconds. */
async function library() {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as Crypto);
  return x509;
}

async function writeWhole(folder: string, name: string, text: string): Promise<void> {
  const path = join(folder, name);
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
