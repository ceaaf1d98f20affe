/** What Argus' programs say on standard error: kind, time, text, in their layout. */
import type { ProgramIo } from '../../program.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

export type MessageKind = 'Error' | 'Warning' | 'Alert' | 'Info';

/** @param nowUs microseconds since 1970; shown in local time, as they do */
export function say(io: Pick<ProgramIo, 'stderr'>, kind: MessageKind, text: string, nowUs: number): void {
  const time = new Date(nowUs / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const micros = String(Math.floor(nowUs % 1e6)).padStart(6, '0');
  const day = `${two(time.getDate())} ${MONTHS[time.getMonth()]} ${two(time.getFullYear() % 100)}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${micros}`;
  io.stderr.write(`${`Argus${kind}`.padStart(14)}: ${day} ${clock} ${text}\n`);
}
