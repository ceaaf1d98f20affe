/** What the boot key is used for: keyed hashes and sealed secrets, each purpose under a key of its own. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { UndercroftError } from '@undercroft/kernel';

/** Each purpose has its own key, so that a value of one is worth nothing as another. */
export type KeyPurpose = 'token' | 'session' | 'csrf' | 'link' | 'recovery-code' | 'totp' | 'audit' | 'check';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export class Keyring {
  private readonly bootKey: Uint8Array;
  private readonly keys = new Map<KeyPurpose, Buffer>();

  constructor(bootKey: Uint8Array) {
    this.bootKey = bootKey;
  }

  /** HMAC-SHA256 in hexadecimal, 64 characters. */
  hash(purpose: KeyPurpose, value: string): string {
    return createHmac('sha256', this.key(purpose)).update(value).digest('hex');
  }

  /** AES-256-GCM: base64url of nonce, ciphertext and tag, bound to `context`, which must be the same to open it. */
  seal(purpose: KeyPurpose, plain: Uint8Array, context: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key(purpose), nonce).setAAD(Buffer.from(context));
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url');
  }

  /** @throws UndercroftError `identity.sealed-value` if it was made under another key or for another context */
  open(purpose: KeyPurpose, sealed: string, context: string): Buffer {
    const bytes = Buffer.from(sealed, 'base64url');
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.key(purpose), bytes.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch (cause) {
      throw new UndercroftError('identity.sealed-value', 'A stored secret cannot be opened with this boot key.', {
        fix: 'Restore keys/boot.key and the control store from the same backup.',
        cause,
      });
    }
  }

  private key(purpose: KeyPurpose): Buffer {
    let key = this.keys.get(purpose);
    if (key === undefined) {
      key = Buffer.from(hkdfSync('sha256', this.bootKey, '', `undercroft/identity/${purpose}`, 32));
      this.keys.set(purpose, key);
    }
    return key;
  }
}
