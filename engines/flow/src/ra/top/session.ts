/** ratop on a terminal: what is shown, what the keys change, when it is drawn. */

import { type SortKey, sortKeys } from '../aggregate/sort.ts';
import type { ClientContext } from '../client/run.ts';
import { rowsOf } from '../client/style.ts';
import type { RowWriter } from '../fields/row.ts';
import { FIELDS } from '../fields/table.ts';
import type { Predicate } from '../filter/compile.ts';
import { strftime } from '../text/strftime.ts';
import { zoneOf } from '../text/zone.ts';
import type { TopFlows } from './flows.ts';
import { type Key, keysOf, Prompt } from './keys.ts';
import type { Screen } from './screen.ts';
import { FRAME_LINES, viewLines } from './view.ts';

const INTERVALS_MS = [250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];
const DEFAULT_INTERVAL = 2;
const SIDEWAYS = 8;
const HELP = 'q quit  s sort  r reverse  f filter  space pause  +/- interval  arrows, page scroll';

export interface SessionOptions {
  readonly context: ClientContext;
  readonly flows: TopFlows;
  readonly screen: Screen;
  readonly sortWords: readonly string[];
  /** Seconds without a packet after which a flow goes; 0 to keep all (files). */
  readonly idleS: number;
  readonly title: string;
  /** The user wants to leave. */
  readonly onQuit: () => void;
}

interface Question {
  readonly line: Prompt;
  readonly answer: (text: string) => void | Promise<void>;
}

export class TopSession {
  readonly #options: SessionOptions;
  readonly #rows: RowWriter;
  readonly #zone;
  #sortWords: readonly string[];
  #keys: readonly SortKey[];
  #isReversed: boolean;
  #filterText = '';
  #filter: Predicate | null = null;
  #isPaused = false;
  #isReading = true;
  #interval = DEFAULT_INTERVAL;
  #firstRow = 0;
  #firstColumn = 0;
  #prompt: Question | null = null;
  #error = '';
  #order: number[] = [];
  /** The table has other records than when it was put in order. */
  #recordsThen = -1;
  #timer: NodeJS.Timeout | undefined;
  #drawnAtMs = 0;
  #recordsDrawn = 0;
  #rate = 0;
  #leave: () => void = () => {};
  /** Resolves when the user has left. */
  readonly left = new Promise<void>((resolve) => {
    this.#leave = resolve;
  });

  constructor(options: SessionOptions) {
    this.#options = options;
    const { settings } = options.context;
    this.#rows = rowsOf(settings);
    this.#zone = zoneOf(settings.timeZone);
    this.#sortWords = options.sortWords;
    this.#keys = sortKeys(options.sortWords);
    this.#isReversed = (settings.flags.get('v') ?? 0) > 0;
  }

  start(): void {
    this.#options.screen.open(
      (text) => {
        for (const key of keysOf(text)) this.press(key);
        this.#draw();
      },
      () => this.#draw(),
    );
    this.#schedule();
    this.#refresh();
  }

  #schedule(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#refresh(), INTERVALS_MS[this.#interval]);
  }

  /** Called as records come: a long file does not leave the event loop to timers. */
  refreshIfDue(): void {
    if (Date.now() - this.#drawnAtMs >= (INTERVALS_MS[this.#interval] as number)) this.#refresh();
  }

  /** All input is read; what there is stays until the user leaves. */
  inputEnded(): void {
    this.#isReading = false;
    this.#refresh();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#options.screen.close();
    this.#leave();
  }

  press(key: Key): void {
    this.#error = '';
    if (this.#prompt !== null) {
      this.#answer(this.#prompt, key);
      return;
    }
    const page = Math.max(1, this.#options.screen.rows - FRAME_LINES);
    if (key.name === 'text') for (const letter of key.text) this.#command(letter);
    else if (key.name === 'interrupt') this.#quit();
    else if (key.name === 'up') this.#firstRow -= 1;
    else if (key.name === 'down') this.#firstRow += 1;
    else if (key.name === 'pageup') this.#firstRow -= page;
    else if (key.name === 'pagedown') this.#firstRow += page;
    else if (key.name === 'home') this.#firstRow = 0;
    else if (key.name === 'end') this.#firstRow = this.#order.length;
    else if (key.name === 'left') this.#firstColumn = Math.max(0, this.#firstColumn - SIDEWAYS);
    else if (key.name === 'right')
      this.#firstColumn = Math.min(this.#rows.header().length, this.#firstColumn + SIDEWAYS);
    else if (key.name === 'redraw') this.#options.screen.forget();
  }

  #command(letter: string): void {
    switch (letter) {
      case 'q':
        this.#quit();
        break;
      case 'r':
        this.#isReversed = !this.#isReversed;
        this.#reorder();
        break;
      case ' ':
        this.#isPaused = !this.#isPaused;
        break;
      case '+':
      case '=':
        this.#interval = Math.min(this.#interval + 1, INTERVALS_MS.length - 1);
        this.#schedule();
        break;
      case '-':
        this.#interval = Math.max(0, this.#interval - 1);
        this.#schedule();
        break;
      case 's':
        this.#ask('sort by: ', this.#sortWords.join(' '), (text) => this.#sortBy(text));
        break;
      case 'f':
        this.#ask('show only: ', this.#filterText, (text) => this.#showOnly(text));
        break;
    }
  }

  #ask(label: string, text: string, answer: (text: string) => void | Promise<void>): void {
    this.#prompt = { line: new Prompt(label, text), answer };
  }

  #answer({ line, answer }: Question, key: Key): void {
    const state = line.press(key);
    if (state === 'open') return;
    this.#prompt = null;
    if (state === 'cancelled') return;
    Promise.resolve()
      .then(() => answer(line.text.trim()))
      .catch((error: Error) => {
        this.#error = error.message;
      })
      .then(() => this.#draw());
  }

  #sortBy(text: string): void {
    const words = text.split(/[ ,]+/).filter((word) => word !== '');
    if (words.length === 0) return;
    this.#keys = sortKeys(words);
    this.#sortWords = words;
    this.#reorder();
  }

  async #showOnly(text: string): Promise<void> {
    this.#filter = text === '' ? null : await this.#options.context.compile(text);
    this.#filterText = text;
    this.#reorder();
  }

  #quit(): void {
    this.stop();
    this.#options.onQuit();
  }

  #refresh(): void {
    const { flows, idleS } = this.#options;
    const nowMs = Date.now();
    const elapsedS = (nowMs - this.#drawnAtMs) / 1000;
    if (this.#drawnAtMs > 0 && elapsedS > 0) this.#rate = (flows.records - this.#recordsDrawn) / elapsedS;
    this.#drawnAtMs = nowMs;
    this.#recordsDrawn = flows.records;
    if (idleS > 0 && !this.#isPaused) {
      flows.expire(Math.min(flows.latestS, nowMs / 1000) - idleS);
      this.#recordsThen = -1;
    }
    if (!this.#isPaused && this.#recordsThen !== flows.records) this.#reorder();
    this.#draw();
  }

  #reorder(): void {
    const { flows } = this.#options;
    this.#order = flows.order({ keys: this.#keys, isReversed: this.#isReversed, filter: this.#filter });
    this.#recordsThen = flows.records;
  }

  #draw(): void {
    const { screen, flows, title } = this.#options;
    if (!this.#isPaused && this.#recordsThen !== flows.records) this.#reorder();
    const page = Math.max(1, screen.rows - FRAME_LINES);
    this.#firstRow = Math.max(0, Math.min(this.#firstRow, this.#order.length - page));
    const prompt = this.#prompt === null ? this.#error || HELP : `${this.#prompt.line.label}${this.#prompt.line.text}`;
    const lines = viewLines(
      {
        title: this.#filterText === '' ? title : `${title}  [${this.#filterText}]`,
        clock: strftime('%Y-%m-%d %T %Z', Math.floor(Date.now() / 1000), this.#zone),
        status: this.#status(),
        prompt,
        isError: this.#prompt === null && this.#error !== '',
        sortHeader: FIELDS.get(this.#keys[0]?.name ?? '')?.header ?? '',
        firstRow: this.#firstRow,
        firstColumn: this.#firstColumn,
        order: this.#order,
        at: (number) => flows.at(number),
      },
      this.#rows,
      screen.columns,
      screen.rows,
    );
    screen.draw(lines, this.#prompt === null ? null : Math.min(prompt.length, screen.columns - 1));
  }

  #status(): string {
    const { flows } = this.#options;
    const state = this.#isPaused ? 'Paused' : this.#isReading ? 'Active' : 'Idle';
    const dropped = flows.dropped > 0 ? `  given up ${flows.dropped}` : '';
    const order = `${this.#sortWords.join(',')}${this.#isReversed ? ' reversed' : ''}`;
    return (
      `${state}  flows ${flows.size}  shown ${this.#order.length}${dropped}  records ${flows.records}` +
      ` (${this.#rate.toFixed(0)}/s)  sorted by ${order}  every ${(INTERVALS_MS[this.#interval] as number) / 1000} s`
    );
  }
}
