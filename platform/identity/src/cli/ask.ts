/** Secrets and names from the terminal, secrets without echo; from standard input otherwise. Never from arguments. */
import { type CommandCall, UndercroftError } from '@undercroft/kernel';

type Io = Pick<CommandCall, 'stdin' | 'stderr' | 'signal'>;

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const ERASE = new Set(['\u007f', '\b']);
const MAX_LENGTH = 4096;

/** What one command still has of standard input. */
export class Asker {
  private readonly io: Io;
  private rest = '';
  private ended = false;

  constructor(io: Io) {
    this.io = io;
  }

  get isTerminal(): boolean {
    return this.io.stdin.isTTY === true;
  }

  /** One line; on a terminal after the question, without echo if it is a secret. */
  async line(question: string, secret: boolean): Promise<string> {
    if (!this.isTerminal) return this.nextLine();
    this.io.stderr.write(`${question}: `);
    const line = await this.typed(secret);
    this.io.stderr.write('\n');
    return line;
  }

  /** A new password, typed twice on a terminal. @throws UndercroftError `cli.password` if the two differ */
  async newPassword(): Promise<string> {
    const password = await this.line('New password', true);
    if (this.isTerminal && (await this.line('Again', true)) !== password)
      throw new UndercroftError('cli.password', 'the two passwords differ', { fix: 'type it again' });
    return password;
  }

  private async nextLine(): Promise<string> {
    this.io.stdin.setEncoding('utf8');
    while (!this.rest.includes('\n') && !this.ended) {
      const chunk = this.io.stdin.read() as string | null;
      if (chunk !== null) this.rest += chunk;
      else if (this.io.stdin.readableEnded) this.ended = true;
      else await readable(this.io.stdin, this.io.signal);
      if (this.rest.length > MAX_LENGTH)
        throw new UndercroftError('cli.stdin', 'the line on standard input is too long');
    }
    const end = this.rest.indexOf('\n');
    const line = end === -1 ? this.rest : this.rest.slice(0, end);
    this.rest = end === -1 ? '' : this.rest.slice(end + 1);
    if (line === '' && this.ended)
      throw new UndercroftError('cli.stdin', 'nothing on standard input', { fix: 'pipe it in, or use a terminal' });
    return line.replace(/\r$/, '');
  }

  private typed(secret: boolean): Promise<string> {
    const { stdin, stderr, signal } = this.io;
    stdin.setEncoding('utf8');
    stdin.setRawMode(true);
    stdin.resume();
    let line = '';
    return new Promise<string>((resolve, reject) => {
      const end = (settle: () => void) => {
        stdin.off('data', take);
        signal.removeEventListener('abort', abort);
        stdin.setRawMode(false);
        stdin.pause();
        settle();
      };
      const abort = () => end(() => reject(signal.reason));
      const take = (chunk: string) => {
        for (const char of chunk) {
          if (char === '\r' || char === '\n') return end(() => resolve(line));
          if (char === CTRL_C || (char === CTRL_D && line === ''))
            return end(() => reject(new UndercroftError('cli.interrupted', 'interrupted')));
          if (ERASE.has(char)) {
            if (line !== '' && !secret) stderr.write('\b \b');
            line = [...line].slice(0, -1).join('');
          } else if (char >= ' ' && line.length < MAX_LENGTH) {
            line += char;
            if (!secret) stderr.write(char);
          }
        }
      };
      signal.addEventListener('abort', abort, { once: true });
      stdin.on('data', take);
    });
  }
}

function readable(stream: NodeJS.ReadStream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      stream.off('readable', done);
      stream.off('end', done);
      signal.removeEventListener('abort', abort);
      resolve();
    };
    const abort = () => {
      done();
      reject(signal.reason);
    };
    stream.on('readable', done);
    stream.on('end', done);
    signal.addEventListener('abort', abort, { once: true });
  });
}
