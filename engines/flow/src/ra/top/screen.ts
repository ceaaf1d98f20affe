/** A terminal taken over and given back: the alternate screen, raw keys, lines that are only drawn when they change. */
import { openSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { ReadStream } from 'node:tty';

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const LEAVE = '\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l';
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/** What a terminal's stream has besides writing. */
export interface TerminalOutput extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** A source of keys that may be put into raw mode. */
export interface TerminalInput extends Readable {
  setRawMode?(isRaw: boolean): unknown;
}

export class Screen {
  readonly #output: TerminalOutput;
  readonly #input: TerminalInput;
  readonly #ownsInput: boolean;
  #shown: string[] = [];
  #isOpen = false;
  readonly #restore = () => this.close();

  /** @param input null when the standard input carries records: the keys then come from the terminal itself */
  constructor(output: TerminalOutput, input: TerminalInput | null) {
    this.#output = output;
    this.#ownsInput = input === null;
    this.#input = input ?? new ReadStream(openSync('/dev/tty', 'r'));
  }

  get columns(): number {
    return Math.max(1, this.#output.columns ?? DEFAULT_COLUMNS);
  }

  get rows(): number {
    return Math.max(1, this.#output.rows ?? DEFAULT_ROWS);
  }

  /** @param onKeys what was typed @param onResize the size is another one */
  open(onKeys: (text: string) => void, onResize: () => void): void {
    this.#isOpen = true;
    process.once('exit', this.#restore);
    this.#output.write(ENTER);
    this.#output.on('resize', () => {
      this.#shown = [];
      this.#output.write('\x1b[2J');
      onResize();
    });
    this.#input.setRawMode?.(true);
    this.#input.on('data', (bytes: Buffer) => onKeys(bytes.toString('utf8')));
    this.#input.resume();
  }

  /** @param lines from the top; with colours, cut by the caller to {@link columns} */
  draw(lines: readonly string[], cursorAt: number | null = null): void {
    // What the terminal has not taken yet would only pile up.
    if (!this.#isOpen || this.#output.writableNeedDrain) return;
    let text = '\x1b[?25l';
    for (let row = 0; row < this.rows; row += 1) {
      const line = lines[row] ?? '';
      if (this.#shown[row] === line) continue;
      this.#shown[row] = line;
      text += `\x1b[${row + 1};1H\x1b[0m\x1b[2K${line}\x1b[0m`;
    }
    if (cursorAt !== null) text += `\x1b[${this.rows};${cursorAt + 1}H\x1b[?25h`;
    this.#output.write(text);
  }

  /** Everything is drawn anew next time. */
  forget(): void {
    this.#shown = [];
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.removeListener('exit', this.#restore);
    this.#input.setRawMode?.(false);
    this.#input.removeAllListeners('data');
    this.#output.removeAllListeners('resize');
    this.#input.pause();
    if (this.#ownsInput) this.#input.destroy();
    this.#output.write(LEAVE);
  }
}
