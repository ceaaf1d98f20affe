/** Secrets of contacts at rest: AES-256-GCM under a key of its own, a file that only the server's user can read. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UndercroftError } from '@undercroft/kernel';

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

export interface SecretBox {
  /** @param name of what is encrypted; a ciphertext does not open under another name */
  seal(name: string, plaintext: string): string;
  /** @throws UndercroftError `alerts.secret` when it was sealed by another key, or changed */
  open(name: string, sealed: string): string;
}

/** Reads `keys/alerts.key`, or makes it. */
export async function openSecretBox(dataDir: string): Promise<SecretBox> {
  const path = join(dataDir, 'keys', 'alerts.key');
  return secretBox((await readKey(path)) ?? (await makeKey(path)));
}

export function secretBox(key: Uint8Array): SecretBox {
  return {
    seal(name, plaintext) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name));
      const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
    },
    open(name, sealed) {
      const bytes = Buffer.from(sealed, 'base64');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString(
          'utf8',
        );
      } catch (cause) {
        throw new UndercroftError('alerts.secret', `The secret ${name} cannot be read with keys/alerts.key.`, {
          fix: 'Enter the secret again, or restore keys/alerts.key from the backup that belongs to this state.',
          cause,
        });
      }
    },
  };
}

async function readKey(path: string): Promise<Buffer | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === KEY_BYTES) return key;
  throw new UndercroftError('alerts.key', `${path} is damaged: it holds ${key.length} bytes instead of ${KEY_BYTES}.`, {
    fix: 'Restore it from a backup, or move it away and enter the secrets of all contacts again.',
  });
}

/** Written aside and linked into place: of two that make it at once, one wins and both use its key. */
async function makeKey(path: string): Promise<Buffer> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = await open(aside, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(aside);
  }
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
  return (await readKey(path)) as Buffer;
}
