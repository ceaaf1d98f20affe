/** Writes captures: pcap or pcapng, plain or compressed, into one file or a ring of files. Nothing waits: calls are synchronous. */
import { type CaptureBlock, CaptureFileError, eachRecord, MAX_RECORD_BYTES } from '../block.ts';
import { ChunkFile, type FileCompression, type SyncPolicy } from './chunk-file.ts';
import { FileRing } from './file-ring.ts';
import type { CaptureFormat, WrittenInterface, WrittenPacket, WrittenStatistics } from './format.ts';
import { pcapFormat } from './pcap-format.ts';
import { pcapngFormat } from './pcapng-format.ts';

export interface WriterOptions {
  /** pcapng by default: comments, several interfaces and statistics need it. */
  readonly format?: 'pcap' | 'pcapng';
  readonly compression?: FileCompression;
  readonly sync?: SyncPolicy;
  /** Begins another file when one of these is reached; the first file then has a number and a time in its name too. */
  readonly rotate?: {
    /** On disk; compressed files overshoot by up to a chunk. */
    readonly bytes?: number;
    /** Between the first and the last packet. */
    readonly seconds?: number;
    readonly packets?: number;
    /** Finished files to keep; all by default. */
    readonly keep?: number;
  };
  /** Called with each file that has got its name. */
  readonly onFinished?: (path: string) => void;
}

const CHUNK_BYTES = 1_048_576;
const MAX_INTERFACES = 65_535;

export class CaptureWriter {
  readonly #path: string;
  readonly #options: WriterOptions;
  readonly #format: CaptureFormat;
  readonly #ring: FileRing | null;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  readonly #view = new DataView(this.#chunk.buffer);
  readonly #interfaces: WrittenInterface[] = [];
  readonly #statistics = new Map<number, WrittenStatistics>();
  #filled = 0;
  #file: ChunkFile | null = null;
  #filePackets = 0;
  #firstS = 0;
  #packets = 0;
  #ended = false;

  /** @param path `-` is standard output, which cannot be rotated */
  constructor(path: string, options: WriterOptions = {}) {
    this.#path = path;
    this.#options = options;
    this.#format = options.format === 'pcap' ? pcapFormat : pcapngFormat;
    if (options.rotate !== undefined && path === '-') {
      throw new CaptureFileError('capture.write', path, 'standard output cannot be rotated.');
    }
    this.#ring = options.rotate === undefined ? null : new FileRing(path, options.rotate.keep ?? 0);
  }

  get packets(): number {
    return this.#packets;
  }

  /**
   * @returns its number
   * @throws CaptureFileError `capture.write`, where the format has no place for a further link type
   */
  addInterface(added: WrittenInterface): number {
    if (this.#interfaces.length >= MAX_INTERFACES) throw this.#failure('cannot have more interfaces.');
    const announcement = this.#format.announce(added, this.#interfaces);
    if (announcement === null) {
      throw this.#failure('is a pcap file, which holds one link type only.', 'Write pcapng, or one file each.');
    }
    if (this.#file !== null) this.#append(announcement);
    return this.#interfaces.push(added) - 1;
  }

  /**
   * @throws CaptureFileError `capture.write`, where the packet is too long or its interface unknown; the error of the file
   *   system, after which the file stays under its unfinished name
   */
  write(packet: WrittenPacket): void {
    if (packet.bytes.length > MAX_RECORD_BYTES) throw this.#failure(`takes no packet of ${packet.bytes.length} bytes.`);
    if (this.#interfaces.length === 0) this.addInterface({ linkType: 1 });
    if ((packet.interface ?? 0) >= this.#interfaces.length) throw this.#failure('has no such interface.');
    const bytes = this.#format.recordBytes(packet);
    if (this.#mustRotate(packet.timeS, bytes)) this.#finishFile();
    if (this.#file === null) this.#begin(packet.timeS);
    this.#reserve(bytes);
    this.#format.put(this.#chunk, this.#view, this.#filled, packet);
    this.#filled += bytes;
    this.#filePackets++;
    this.#packets++;
  }

  /** Writes the records of a block that was read. @param number of the interface here */
  writeBlock(block: CaptureBlock, number = 0): void {
    eachRecord(block, (at, capturedBytes, wireBytes, timeS, timeNs) => {
      const bytes = block.bytes.subarray(at, at + capturedBytes);
      this.write({ bytes, wireBytes, timeS, timeNs, interface: number });
    });
  }

  /** What the end of each file says of an interface; pcap has no place for it. */
  setStatistics(number: number, counted: WrittenStatistics): void {
    if (number < this.#interfaces.length) this.#statistics.set(number, counted);
  }

  /** Hands what is held back to the file. */
  flush(): void {
    if (this.#filled === 0 || this.#file === null) return;
    const filled = this.#filled;
    this.#filled = 0;
    try {
      this.#file.write(this.#chunk.subarray(0, filled));
    } catch (error) {
      this.#file.abandon();
      this.#file = null;
      this.#ended = true;
      throw error;
    }
  }

  /** Finishes the last file; a capture without packets leaves a file with its head alone. */
  close(): void {
    if (this.#ended) return;
    if (this.#file === null && this.#ring === null) this.#begin(0);
    this.#finishFile();
    this.#ended = true;
  }

  #mustRotate(timeS: number, bytes: number): boolean {
    const { rotate, compression = 'none' } = this.#options;
    if (rotate === undefined || this.#file === null || this.#filePackets === 0) return false;
    const pending = compression === 'none' ? this.#filled + bytes : 0;
    return (
      this.#filePackets >= (rotate.packets ?? Number.POSITIVE_INFINITY) ||
      timeS - this.#firstS >= (rotate.seconds ?? Number.POSITIVE_INFINITY) ||
      this.#file.bytes + pending > (rotate.bytes ?? Number.POSITIVE_INFINITY)
    );
  }

  #begin(timeS: number): void {
    if (this.#ended) throw this.#failure('is closed.');
    const { compression = 'none', sync = 'close' } = this.#options;
    this.#file = new ChunkFile(this.#ring?.nextPath(timeS) ?? this.#path, { compression, sync });
    this.#firstS = timeS;
    this.#filePackets = 0;
    this.#append(this.#format.head(this.#interfaces));
  }

  #finishFile(): void {
    if (this.#file === null) return;
    this.#append(this.#format.tail(this.#statistics));
    this.flush();
    const { path } = this.#file;
    this.#file.finish();
    this.#file = null;
    this.#ring?.finished(path);
    if (path !== '-') this.#options.onFinished?.(path);
  }

  #append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      this.#reserve(1);
      const part = bytes.subarray(at, at + CHUNK_BYTES - this.#filled);
      this.#chunk.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
    }
  }

  #reserve(bytes: number): void {
    if (this.#filled + bytes > CHUNK_BYTES) this.flush();
  }

  #failure(text: string, fix?: string): CaptureFileError {
    return new CaptureFileError('capture.write', this.#path, text, fix);
  }
}
