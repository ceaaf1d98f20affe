/**
 * A disk as POSIX promises it and no better: what was written is durable once an fsync of its file that began after
 * it has come back; a name is durable once an fsync of its folder has. Everything else may or may not be there after
 * a power cut, in any part.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Random } from '../random.ts';
import type { Operation } from './operation.ts';

/**
 * What becomes of the unsynced: `nothing` stays, `all` of it does (a kill), or `some`: any part of any write, by
 * sectors of 512 or pages of 4,096 bytes, and of each folder's changes a first part.
 */
export type Survival = 'nothing' | 'some' | 'all';

type Change =
  | { readonly kind: 'write'; readonly offset: number; readonly data: Uint8Array }
  | { readonly kind: 'size'; readonly sizeBytes: number };

interface FileNode {
  readonly kind: 'file';
  readonly current: Content;
  readonly durable: Content;
  pending: { readonly index: number; readonly change: Change }[];
}

interface FolderNode {
  readonly kind: 'folder';
  readonly current: Map<string, Node>;
  readonly durable: Map<string, Node>;
  pending: { readonly index: number; readonly names: readonly (readonly [string, Node | undefined])[] }[];
}

type Node = FileNode | FolderNode;

export class Disk {
  readonly #root: FolderNode = newFolder();
  readonly #folder: string;
  /** Operations applied so far. */
  #index = 0;

  /** @param folder the traced folder, whose own name is durable; operations elsewhere are ignored */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Takes over what lies in a folder as durable. */
  async load(folder: string): Promise<void> {
    await loadInto(this.#root, folder);
  }

  apply(operation: Operation): void {
    const index = this.#index++;
    switch (operation.kind) {
      case 'say':
        return;
      case 'create': {
        const place = this.#place(operation.path);
        if (place === undefined || place.folder.current.has(place.name)) return;
        this.#name(index, place.folder, [[place.name, newFile()]]);
        return;
      }
      case 'mkdir': {
        const place = this.#place(operation.path);
        if (place !== undefined) this.#name(index, place.folder, [[place.name, newFolder()]]);
        return;
      }
      case 'remove': {
        const place = this.#place(operation.path);
        if (place !== undefined) this.#name(index, place.folder, [[place.name, undefined]]);
        return;
      }
      case 'rename':
      case 'link': {
        const [from, to] = [this.#place(operation.from), this.#place(operation.to)];
        const node = from?.folder.current.get(from.name);
        if (to !== undefined && node === undefined)
          throw new Error(`The trace moves ${operation.from} here, which it has not made.`);
        const gone: [string, undefined][] =
          from === undefined || operation.kind === 'link' ? [] : [[from.name, undefined]];
        if (from !== undefined && from.folder === to?.folder)
          this.#name(index, from.folder, [...gone, [to.name, node]]);
        else {
          if (to !== undefined) this.#name(index, to.folder, [[to.name, node]]);
          if (from !== undefined && gone.length > 0) this.#name(index, from.folder, gone);
        }
        return;
      }
      case 'write': {
        const file = this.#file(operation.path);
        if (file === undefined) return;
        const offset = operation.offset === 'end' ? file.current.size : operation.offset;
        this.#change(index, file, { kind: 'write', offset, data: operation.data });
        return;
      }
      case 'copy': {
        const [file, source] = [this.#file(operation.path), this.#file(operation.from)];
        if (file === undefined) return;
        if (source === undefined) throw new Error(`The trace copies ${operation.from}, which is not in its folder.`);
        const data = source.current.read(operation.fromOffset, operation.sizeBytes);
        this.#change(index, file, { kind: 'write', offset: operation.offset, data });
        return;
      }
      case 'truncate': {
        const file = this.#file(operation.path);
        if (file !== undefined && file.current.size !== operation.sizeBytes)
          this.#change(index, file, { kind: 'size', sizeBytes: operation.sizeBytes });
        return;
      }
      case 'extend': {
        const file = this.#file(operation.path);
        if (file !== undefined && file.current.size < operation.sizeBytes)
          this.#change(index, file, { kind: 'size', sizeBytes: operation.sizeBytes });
        return;
      }
      case 'sync': {
        const node = this.#node(operation.path);
        if (node?.kind === 'file') {
          for (const { index: at, change } of node.pending) if (at < operation.begin) applyChange(node.durable, change);
          node.pending = node.pending.filter((pending) => pending.index >= operation.begin);
        } else if (node?.kind === 'folder') {
          for (const { index: at, names } of node.pending) if (at < operation.begin) applyNames(node.durable, names);
          node.pending = node.pending.filter((pending) => pending.index >= operation.begin);
        }
        return;
      }
    }
  }

  /** Writes what a power cut now would leave into an empty folder. The disk itself goes on. */
  async crash(target: string, survival: Survival, random: Random): Promise<void> {
    await rm(target, { recursive: true, force: true });
    await mkdir(target, { recursive: true });
    await writeFolder(this.#root, target, survival, random, new Map());
  }

  #name(index: number, folder: FolderNode, names: readonly (readonly [string, Node | undefined])[]): void {
    applyNames(folder.current, names);
    folder.pending.push({ index, names });
  }

  #change(index: number, file: FileNode, change: Change): void {
    applyChange(file.current, change);
    file.pending.push({ index, change });
  }

  #file(path: string): FileNode | undefined {
    const node = this.#node(path);
    return node?.kind === 'file' ? node : undefined;
  }

  #node(path: string): Node | undefined {
    if (path === this.#folder) return this.#root;
    const place = this.#place(path);
    return place?.folder.current.get(place.name);
  }

  #place(path: string): { readonly folder: FolderNode; readonly name: string } | undefined {
    if (!path.startsWith(`${this.#folder}/`)) return undefined;
    const parts = path
      .slice(this.#folder.length + 1)
      .split('/')
      .filter((part) => part !== '' && part !== '.');
    const name = parts.pop();
    let folder: Node | undefined = this.#root;
    for (const part of parts) folder = folder?.kind === 'folder' ? folder.current.get(part) : undefined;
    return name !== undefined && folder?.kind === 'folder' ? { folder, name } : undefined;
  }
}

/** Bytes that grow. */
class Content {
  #bytes = Buffer.alloc(0);
  size = 0;

  write(offset: number, data: Uint8Array): void {
    const end = offset + data.byteLength;
    this.#reserve(end);
    this.#bytes.set(data, offset);
    this.size = Math.max(this.size, end);
  }

  resize(sizeBytes: number): void {
    this.#reserve(sizeBytes);
    if (sizeBytes < this.size) this.#bytes.fill(0, sizeBytes, this.size);
    this.size = sizeBytes;
  }

  read(offset: number, sizeBytes: number): Buffer {
    return Buffer.from(this.#bytes.subarray(offset, Math.min(offset + sizeBytes, this.size)));
  }

  copy(): Content {
    const copy = new Content();
    copy.write(0, this.read(0, this.size));
    return copy;
  }

  #reserve(sizeBytes: number): void {
    if (sizeBytes <= this.#bytes.byteLength) return;
    const grown = Buffer.alloc(Math.max(sizeBytes, this.#bytes.byteLength * 2, 4096));
    grown.set(this.#bytes.subarray(0, this.size));
    this.#bytes = grown;
  }
}

function newFile(): FileNode {
  return { kind: 'file', current: new Content(), durable: new Content(), pending: [] };
}

function newFolder(): FolderNode {
  return { kind: 'folder', current: new Map(), durable: new Map(), pending: [] };
}

function applyChange(content: Content, change: Change): void {
  if (change.kind === 'write') content.write(change.offset, change.data);
  else content.resize(change.sizeBytes);
}

function applyNames(entries: Map<string, Node>, names: readonly (readonly [string, Node | undefined])[]): void {
  for (const [name, node] of names) {
    if (node === undefined) entries.delete(name);
    else entries.set(name, node);
  }
}

async function writeFolder(
  folder: FolderNode,
  target: string,
  survival: Survival,
  random: Random,
  written: Map<FileNode, Buffer>,
): Promise<void> {
  const entries = new Map(folder.durable);
  const kept =
    survival === 'nothing' ? 0 : survival === 'all' ? folder.pending.length : random.below(folder.pending.length + 1);
  for (const { names } of folder.pending.slice(0, kept)) applyNames(entries, names);
  for (const [name, node] of entries) {
    const path = join(target, name);
    if (node.kind === 'folder') {
      await mkdir(path, { recursive: true });
      await writeFolder(node, path, survival, random, written);
    } else {
      // A file that has two names, one durable and one not, is one file.
      const bytes = written.get(node) ?? survivor(node, survival, random);
      written.set(node, bytes);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, bytes);
    }
  }
}

function survivor(file: FileNode, survival: Survival, random: Random): Buffer {
  const content = file.durable.copy();
  if (survival === 'nothing') return content.read(0, content.size);
  const sectorBytes = random.next() < 0.5 ? 512 : 4096;
  for (const { change } of file.pending) {
    if (survival === 'all') applyChange(content, change);
    else if (change.kind === 'size') {
      if (random.next() < 0.5) applyChange(content, change);
    } else keepSectors(content, change.offset, change.data, sectorBytes, random);
  }
  return content.read(0, content.size);
}

/** Keeps a write whole, not at all, or some of the sectors it touches. */
function keepSectors(content: Content, offset: number, data: Uint8Array, sectorBytes: number, random: Random): void {
  const luck = random.next();
  if (luck < 0.25) return;
  let at = 0;
  while (at < data.byteLength) {
    const end = Math.min(data.byteLength, at + sectorBytes - ((offset + at) % sectorBytes));
    if (luck > 0.75 || random.next() < 0.5) content.write(offset + at, data.subarray(at, end));
    at = end;
  }
}

async function loadInto(folder: FolderNode, path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      const child = newFolder();
      await loadInto(child, join(path, entry.name));
      applyNames(folder.durable, [[entry.name, child]]);
      applyNames(folder.current, [[entry.name, child]]);
    } else if (entry.isFile()) {
      const child = newFile();
      const bytes = await readFile(join(path, entry.name));
      child.current.write(0, bytes);
      child.durable.write(0, bytes);
      applyNames(folder.durable, [[entry.name, child]]);
      applyNames(folder.current, [[entry.name, child]]);
    }
  }
}
