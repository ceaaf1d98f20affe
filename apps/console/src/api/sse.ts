/** Server-sent events as text: a decoder that takes chunks as they come (WHATWG HTML, section 9.2.6). */

export interface SseEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;
}

/** Longest event kept; what is longer is dropped and counted. */
export const MAX_EVENT_CHARS = 2_000_000;

export class SseDecoder {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #size = 0;
  #id: string | undefined;
  #overflow = false;
  dropped = 0;

  /** @returns the events that this chunk completes */
  push(chunk: string): SseEvent[] {
    const events: SseEvent[] = [];
    const text = this.#rest + chunk;
    let start = 0;
    for (;;) {
      const end = nextLineEnd(text, start);
      if (end === undefined) break;
      const event = this.#line(text.slice(start, end.at));
      if (event !== undefined) events.push(event);
      start = end.next;
    }
    this.#rest = text.slice(start);
    if (this.#rest.length > MAX_EVENT_CHARS) {
      this.#rest = '';
      this.#overflow = true;
    }
    return events;
  }

  #line(line: string): SseEvent | undefined {
    if (line === '') return this.#dispatch();
    if (line.startsWith(':')) return undefined;
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const raw = colon < 0 ? '' : line.slice(colon + 1);
    const value = raw.startsWith(' ') ? raw.slice(1) : raw;
    if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'data') {
      this.#size += value.length;
      if (this.#size > MAX_EVENT_CHARS) this.#overflow = true;
      else this.#data.push(value);
    }
    return undefined;
  }

  #dispatch(): SseEvent | undefined {
    const event: SseEvent = {
      event: this.#event === '' ? 'message' : this.#event,
      data: this.#data.join('\n'),
      id: this.#id,
    };
    const lost = this.#overflow;
    const empty = this.#data.length === 0;
    this.#event = '';
    this.#data = [];
    this.#size = 0;
    this.#overflow = false;
    if (lost) this.dropped += 1;
    return lost || empty ? undefined : event;
  }
}

/** A lone CR at the end may be half of CR LF: wait for more. */
function nextLineEnd(text: string, from: number): { readonly at: number; readonly next: number } | undefined {
  for (let at = from; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === 10) return { at, next: at + 1 };
    if (char !== 13) continue;
    if (at + 1 === text.length) return undefined;
    return { at, next: text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1 };
  }
  return undefined;
}
