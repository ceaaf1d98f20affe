/** What a client says on standard error: its name, the time, the text. */
import type { ProgramIo } from '../../program.ts';

export function say(io: Pick<ProgramIo, 'stderr'>, name: string, text: string, now = new Date()): void {
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
  const micros = String(now.getMilliseconds() * 1000).padStart(6, '0');
  io.stderr.write(`${name}[${process.pid}]: ${clock}.${micros} ${text}\n`);
}
