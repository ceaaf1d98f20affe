/**
 * Reads what `strace -f -y -xx` wrote: one line a system call, or two when another thread came between
 * (`<unfinished ...>`, `<... resumed>`). Strings are hexadecimal throughout, so no comma, quote or bracket inside one
 * can mislead. With `-y` each descriptor carries its path, which spares following them through every dup and fork.
 */
import type { Operation } from './operation.ts';

/** System calls that {@link TraceParser} understands; all that can change a file without a memory map. */
export const TRACED_CALLS = [
  'open openat creat close dup dup2 dup3 lseek read readv write writev pwrite64 pwritev pwritev2',
  'ftruncate truncate fallocate copy_file_range sendfile fsync fdatasync sync_file_range',
  'rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat rmdir',
  'clone clone3 fork vfork fcntl',
]
  .join(' ')
  .split(' ');

interface Position {
  at: number;
  readonly append: boolean;
}

export class TraceParser {
  readonly operations: Operation[] = [];
  readonly #unfinished = new Map<number, { readonly text: string; readonly begin: number }>();
  /** Process of each thread. */
  readonly #processes = new Map<number, number>();
  /** Where the next plain read or write of a descriptor goes, by `process:descriptor`. */
  readonly #positions = new Map<string, Position>();
  #mainProcess: number | undefined;
  readonly #folder: string;

  /** @param folder what is written outside of it is left out */
  constructor(folder: string) {
    this.#folder = folder;
  }

  line(line: string): void {
    const head = /^(\d+)\s+/.exec(line);
    if (head === null) return;
    const thread = Number(head[1]);
    this.#mainProcess ??= thread;
    let text = line.slice(head[0].length);
    let begin = this.operations.length;
    const resumed = /^<\.\.\. \w+ resumed>/.exec(text);
    if (resumed !== null) {
      const start = this.#unfinished.get(thread);
      if (start === undefined) return;
      this.#unfinished.delete(thread);
      text = start.text + text.slice(resumed[0].length);
      begin = start.begin;
    } else {
      this.#said(thread, text);
      const unfinished = text.indexOf(' <unfinished ...>');
      if (unfinished >= 0) {
        this.#unfinished.set(thread, { text: text.slice(0, unfinished), begin: this.operations.length });
        return;
      }
      begin = this.operations.length;
    }
    const call = parseCall(text);
    if (call !== undefined && call.result >= 0) this.#call(thread, call, begin);
  }

  /** What is said counts from the moment the call was made: the reader may have it before the call returns. */
  #said(thread: number, text: string): void {
    if (!text.startsWith('write(1<') && !text.startsWith('writev(1<')) return;
    if (this.#process(thread) !== this.#mainProcess) return;
    const bytes = Buffer.concat(hexStrings(text.slice(text.indexOf('>,'))));
    this.operations.push({ kind: 'say', text: bytes.toString() });
  }

  #call(thread: number, call: Call, begin: number): void {
    const { name, args, result } = call;
    const push = (operation: Operation): void => void this.operations.push(operation);
    switch (name) {
      case 'clone':
      case 'clone3':
      case 'fork':
      case 'vfork':
        this.#forked(thread, result, /CLONE_THREAD/.test(args.join(',')));
        return;
      case 'open':
      case 'openat':
      case 'creat': {
        const flags = name === 'creat' ? 'O_CREAT|O_TRUNC' : (args[name === 'open' ? 1 : 2] ?? '');
        const path = resultPath(call.tail);
        if (path === undefined) return;
        this.#positions.set(this.#key(thread, result), { at: 0, append: flags.includes('O_APPEND') });
        if (flags.includes('O_CREAT')) push({ kind: 'create', path });
        if (flags.includes('O_TRUNC')) push({ kind: 'truncate', path, sizeBytes: 0 });
        return;
      }
      case 'close':
        this.#positions.delete(this.#key(thread, descriptor(args[0])));
        return;
      case 'dup':
      case 'dup2':
      case 'dup3':
      case 'fcntl': {
        if (name === 'fcntl' && !args[1]?.startsWith('F_DUPFD')) return;
        const position = this.#positions.get(this.#key(thread, descriptor(args[0])));
        if (position !== undefined) this.#positions.set(this.#key(thread, result), position);
        return;
      }
      case 'lseek': {
        const position = this.#positions.get(this.#key(thread, descriptor(args[0])));
        if (position !== undefined) position.at = result;
        return;
      }
      case 'read':
      case 'readv': {
        const position = this.#positions.get(this.#key(thread, descriptor(args[0])));
        if (position !== undefined) position.at += result;
        return;
      }
      case 'write':
      case 'writev':
      case 'pwrite64':
      case 'pwritev':
      case 'pwritev2': {
        const path = descriptorPath(args[0]);
        if (path === undefined || !path.startsWith(`${this.#folder}/`)) return;
        const data = Buffer.concat(hexStrings(args[1] ?? '')).subarray(0, result);
        if (data.byteLength !== result)
          throw new Error(`The trace holds ${data.byteLength} of ${result} bytes written.`);
        push({ kind: 'write', path, offset: this.#offset(thread, name, args, result), data });
        return;
      }
      case 'ftruncate':
      case 'truncate': {
        const path = name === 'ftruncate' ? descriptorPath(args[0]) : hexPath(args[0]);
        if (path !== undefined) push({ kind: 'truncate', path, sizeBytes: Number(args[1]) });
        return;
      }
      case 'fallocate': {
        const path = descriptorPath(args[0]);
        if (path === undefined || args[1] === 'FALLOC_FL_KEEP_SIZE') return;
        if (args[1] !== '0') throw new Error(`The trace holds an fallocate of mode ${args[1]}.`);
        push({ kind: 'extend', path, sizeBytes: Number(args[2]) + Number(args[3]) });
        return;
      }
      case 'copy_file_range': {
        const [from, path] = [descriptorPath(args[0]), descriptorPath(args[2])];
        if (from === undefined || path === undefined || !path.startsWith(`${this.#folder}/`)) return;
        const fromOffset = this.#copyOffset(thread, args[0], args[1], result);
        const offset = this.#copyOffset(thread, args[2], args[3], result);
        push({ kind: 'copy', from, fromOffset, path, offset, sizeBytes: result });
        return;
      }
      case 'sendfile': {
        const [path, from] = [descriptorPath(args[0]), descriptorPath(args[1])];
        if (from === undefined || path === undefined || !path.startsWith(`${this.#folder}/`)) return;
        const fromOffset = this.#copyOffset(thread, args[1], args[2], result);
        const offset = this.#copyOffset(thread, args[0], 'NULL', result);
        push({ kind: 'copy', from, fromOffset, path, offset, sizeBytes: result });
        return;
      }
      case 'fsync':
      case 'fdatasync': {
        const path = descriptorPath(args[0]);
        if (path !== undefined) push({ kind: 'sync', path, begin });
        return;
      }
      case 'rename':
        push({ kind: 'rename', from: hexPath(args[0])!, to: hexPath(args[1])! });
        return;
      case 'renameat':
      case 'renameat2':
        if (args[4]?.includes('RENAME_EXCHANGE')) throw new Error('The trace holds an exchange of two names.');
        push({ kind: 'rename', from: pathAt(args[0], args[1]), to: pathAt(args[2], args[3]) });
        return;
      case 'link':
        push({ kind: 'link', from: hexPath(args[0])!, to: hexPath(args[1])! });
        return;
      case 'linkat':
        push({ kind: 'link', from: pathAt(args[0], args[1]), to: pathAt(args[2], args[3]) });
        return;
      case 'unlink':
      case 'rmdir':
        push({ kind: 'remove', path: hexPath(args[0])! });
        return;
      case 'unlinkat':
        push({ kind: 'remove', path: pathAt(args[0], args[1]) });
        return;
      case 'mkdir':
        push({ kind: 'mkdir', path: hexPath(args[0])! });
        return;
      case 'mkdirat':
        push({ kind: 'mkdir', path: pathAt(args[0], args[1]) });
        return;
    }
  }

  #offset(thread: number, name: string, args: readonly string[], written: number): number | 'end' {
    const explicit = name === 'pwrite64' || name.startsWith('pwritev') ? Number(args[3]) : -1;
    const position = this.#positions.get(this.#key(thread, descriptor(args[0])));
    if (position?.append) return 'end';
    if (explicit >= 0) return explicit;
    if (position === undefined) throw new Error(`The trace writes to ${args[0]}, which it has not opened.`);
    const at = position.at;
    position.at += written;
    return at;
  }

  #copyOffset(thread: number, file: string | undefined, pointer: string | undefined, copied: number): number {
    const explicit = /^\[(\d+)/.exec(pointer ?? '');
    if (explicit !== null) return Number(explicit[1]);
    const position = this.#positions.get(this.#key(thread, descriptor(file)));
    if (position === undefined) throw new Error(`The trace copies ${file}, which it has not opened.`);
    const at = position.at;
    position.at += copied;
    return at;
  }

  #forked(parent: number, child: number, isThread: boolean): void {
    const process = this.#process(parent);
    this.#processes.set(child, isThread ? process : child);
    if (isThread) return;
    for (const [key, position] of [...this.#positions]) {
      const [owner, file] = key.split(':');
      if (Number(owner) === process) this.#positions.set(`${child}:${file}`, position);
    }
  }

  #process(thread: number): number {
    return this.#processes.get(thread) ?? thread;
  }

  #key(thread: number, file: number): string {
    return `${this.#process(thread)}:${file}`;
  }
}

interface Call {
  readonly name: string;
  readonly args: readonly string[];
  readonly result: number;
  /** What follows the closing bracket. */
  readonly tail: string;
}

function parseCall(text: string): Call | undefined {
  const open = text.indexOf('(');
  const end = /\)\s+= (-?\d+|\?)/.exec(text);
  if (open < 0 || end === null || end[1] === '?') return undefined;
  const name = text.slice(0, open);
  if (!TRACED_CALLS.includes(name)) return undefined;
  return {
    name,
    args: splitArguments(text.slice(open + 1, end.index)),
    result: Number(end[1]),
    tail: text.slice(end.index),
  };
}

/** Splits at the commas that no bracket encloses. */
function splitArguments(text: string): string[] {
  const args: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x5b || char === 0x7b) depth++;
    else if (char === 0x5d || char === 0x7d) depth--;
    else if (char === 0x2c && depth === 0) {
      args.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  args.push(text.slice(from).trim());
  return args;
}

/** `18<\x2f\x74…>` → 18 */
function descriptor(arg: string | undefined): number {
  return Number.parseInt(arg ?? '', 10);
}

/** The path of a descriptor; none for pipes, sockets and files that have no name any more. */
function descriptorPath(arg: string | undefined): string | undefined {
  const hex = /<((?:\\x[0-9a-f]{2})+)>$/.exec(arg ?? '');
  const path = hex === null ? undefined : unhex(hex[1]!).toString();
  return path?.startsWith('/') && !path.endsWith(' (deleted)') ? path : undefined;
}

function resultPath(tail: string): string | undefined {
  return descriptorPath(/= (\d+<[^>]*>)/.exec(tail)?.[1]);
}

function pathAt(folder: string | undefined, name: string | undefined): string {
  const path = hexPath(name)!;
  return path.startsWith('/') ? path : `${descriptorPath(folder)}/${path}`;
}

function hexPath(arg: string | undefined): string | undefined {
  const [bytes] = hexStrings(arg ?? '');
  return bytes?.toString();
}

/** All strings of an argument: one, or those of an iovec. */
function hexStrings(text: string): Buffer[] {
  return [...text.matchAll(/"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?/g)].map((match) => {
    if (match[2] !== undefined) throw new Error('The trace has cut a string short.');
    return unhex(match[1]!);
  });
}

function unhex(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}
