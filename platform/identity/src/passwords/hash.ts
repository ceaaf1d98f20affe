/** Passwords as PHC strings of Argon2id, 19 MiB and 2 passes (OWASP Password Storage Cheat Sheet). */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { badRequest, unavailable } from '@undercroft/kernel';

export interface Argon2Parameters {
  readonly memoryKib: number;
  readonly passes: number;
  readonly parallelism: number;
}

export const DEFAULT_PARAMETERS: Argon2Parameters = { memoryKib: 19_456, passes: 2, parallelism: 1 };
export const MIN_PASSWORD_LENGTH = 12;
export const MAX_PASSWORD_LENGTH = 1024;
/** Hashes at work at one time; each takes memory and a core. */
const MAX_RUNNING = 2;
/** Requests that may wait for their turn. */
const MAX_WAITING = 64;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{11,86})$/;

/** @throws UndercroftError `identity.password` if it is too short; there are no other rules */
export function checkPassword(password: string): void {
  const length = [...password].length;
  if (length < MIN_PASSWORD_LENGTH || length > MAX_PASSWORD_LENGTH)
    throw badRequest(
      'identity.password',
      `A password has ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters; this one has ${length}.`,
      'Take a longer one; a few words do well.',
    );
}

export class PasswordHasher {
  private readonly parameters: Argon2Parameters;
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  /** What the password of a user that does not exist is compared with: no password has this hash. */
  private readonly decoy: string;

  constructor(parameters: Argon2Parameters = DEFAULT_PARAMETERS) {
    this.parameters = parameters;
    this.decoy = printPhc(parameters, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
  }

  /** @returns a PHC string @throws UndercroftError `identity.busy` */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return printPhc(this.parameters, salt, await this.derive(password, salt, this.parameters, HASH_BYTES));
  }

  /**
   * @param stored undefined for a user that does not exist: takes the same time and says no
   * @throws UndercroftError `identity.busy`
   */
  async verify(password: string, stored: string | undefined): Promise<boolean> {
    const parsed = parsePhc(stored ?? this.decoy);
    if (parsed === undefined) return false;
    const hash = await this.derive(password, parsed.salt, parsed.parameters, parsed.hash.length);
    return timingSafeEqual(hash, parsed.hash) && stored !== undefined;
  }

  /** Whether a stored hash was made with other parameters than today's. */
  isOutdated(stored: string): boolean {
    const parameters = parsePhc(stored)?.parameters;
    return (
      parameters?.memoryKib !== this.parameters.memoryKib ||
      parameters.passes !== this.parameters.passes ||
      parameters.parallelism !== this.parameters.parallelism
    );
  }

  private async derive(password: string, salt: Buffer, parameters: Argon2Parameters, length: number): Promise<Buffer> {
    await this.enter();
    try {
      return await new Promise<Buffer>((resolve, reject) =>
        argon2(
          'argon2id',
          {
            message: password.normalize('NFKC'),
            nonce: salt,
            memory: parameters.memoryKib,
            passes: parameters.passes,
            parallelism: parameters.parallelism,
            tagLength: length,
          },
          (error, derived) => (error === null ? resolve(derived) : reject(error)),
        ),
      );
    } finally {
      this.leave();
    }
  }

  private async enter(): Promise<void> {
    if (this.running < MAX_RUNNING) {
      this.running++;
      return;
    }
    if (this.waiting.length >= MAX_WAITING)
      throw unavailable('identity.busy', 'Too many sign-ins at one time.', 'Try again in a few seconds.');
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Hands its place to the one that waits longest. */
  private leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.running--;
    else next();
  }
}

function parsePhc(text: string): { parameters: Argon2Parameters; salt: Buffer; hash: Buffer } | undefined {
  const found = PHC.exec(text);
  if (found === null) return undefined;
  const [, memory, passes, parallelism, salt, hash] = found;
  return {
    parameters: { memoryKib: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt!, 'base64'),
    hash: Buffer.from(hash!, 'base64'),
  };
}

function printPhc({ memoryKib, passes, parallelism }: Argon2Parameters, salt: Buffer, hash: Buffer): string {
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`;
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
