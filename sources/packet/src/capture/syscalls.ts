/**
 * The system calls of live capture and the numbers and structures they take: Linux on 64-bit little-endian machines
 * (x86-64 and ARM64 agree on all of them).
 *
 * @see linux/if_packet.h, linux/filter.h, linux/sockios.h
 */
import koffi from 'koffi';
import { CaptureError, systemError } from './errors.ts';

const AF_INET = 2;
const AF_PACKET = 17;
export const SOCK_RAW = 3;
export const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
export const ETH_P_ALL = 3;

export const SOL_SOCKET = 1;
export const SO_ERROR = 4;
export const SO_ATTACH_FILTER = 26;

export const SOL_PACKET = 263;
export const PACKET_ADD_MEMBERSHIP = 1;
export const PACKET_RX_RING = 5;
export const PACKET_STATISTICS = 6;
export const PACKET_VERSION = 10;
export const PACKET_FANOUT = 18;
export const PACKET_QDISC_BYPASS = 20;
export const PACKET_FANOUT_DATA = 22;
export const PACKET_IGNORE_OUTGOING = 23;
export const TPACKET_V3 = 2;
export const PACKET_MR_PROMISC = 1;

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_ANONYMOUS = 0x20;
const MAP_POPULATE = 0x8000;
const MAP_FAILED = 0xffffffffffffffffn;

export const POLLIN = 1;
export const POLLERR = 8;
const EINTR = 4;

/** struct sockaddr_ll, struct pollfd, struct ifreq, struct mmsghdr, struct iovec. */
export const POLLFD_BYTES = 8;
const SOCKADDR_LL_BYTES = 20;
const IFREQ_BYTES = 40;
export const IFREQ_VALUE = 16;
export const MMSGHDR_BYTES = 64;
export const IOVEC_BYTES = 16;

type Bytes = Uint8Array | null;

interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(descriptor: number, address: Bytes, bytes: number): number;
  setsockopt(descriptor: number, level: number, name: number, value: Bytes, bytes: number): number;
  getsockopt(descriptor: number, level: number, name: number, value: Bytes, bytes: Bytes): number;
  mmap(address: null, bytes: number, protection: number, flags: number, descriptor: number, offset: number): bigint;
  munmap(address: bigint, bytes: number): number;
  poll(descriptors: Bytes, count: number, timeoutMs: number): number;
  close(descriptor: number): number;
  ioctl(descriptor: number, request: number, argument: Bytes): number;
  sendmmsg(descriptor: number, messages: bigint, count: number, flags: number): number;
}

let loaded: Libc | null = null;

function libc(): Libc {
  loaded ??= load();
  return loaded;
}

function load(): Libc {
  if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64')) {
    throw new CaptureError(
      'capture.platform',
      `Live capture needs Linux on x86-64 or ARM64, not ${process.platform}.`,
      {
        fix: 'Read capture files here, or send NetFlow, IPFIX or sFlow to this sensor.',
      },
    );
  }
  const library = koffi.load(null);
  return {
    socket: library.func('int socket(int, int, int)') as Libc['socket'],
    bind: library.func('int bind(int, void *, uint32)') as Libc['bind'],
    setsockopt: library.func('int setsockopt(int, int, int, void *, uint32)') as Libc['setsockopt'],
    getsockopt: library.func('int getsockopt(int, int, int, void *, void *)') as Libc['getsockopt'],
    mmap: library.func('void *mmap(void *, size_t, int, int, int, int64)') as Libc['mmap'],
    munmap: library.func('int munmap(void *, size_t)') as Libc['munmap'],
    poll: library.func('int poll(void *, uint64, int)') as Libc['poll'],
    close: library.func('int close(int)') as Libc['close'],
    ioctl: library.func('int ioctl(int, uint64, void *)') as Libc['ioctl'],
    sendmmsg: library.func('int sendmmsg(int, void *, uint32, int)') as Libc['sendmmsg'],
  };
}

/** @returns a packet socket that gets nothing before it is bound */
export function openPacketSocket(type: number): number {
  const descriptor = libc().socket(AF_PACKET, type | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw systemError('open a packet socket', koffi.errno());
  return descriptor;
}

/** @returns a socket to ask about interfaces with; needs no privilege */
export function openQuerySocket(): number {
  const descriptor = libc().socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw systemError('ask about interfaces', koffi.errno());
  return descriptor;
}

export function closeSocket(descriptor: number): void {
  libc().close(descriptor);
}

/** @param protocol 0 receives nothing */
export function bindSocket(descriptor: number, interfaceIndex: number, protocol: number, doing: string): void {
  const address = new DataView(new ArrayBuffer(SOCKADDR_LL_BYTES));
  address.setUint16(0, AF_PACKET, true);
  address.setUint16(2, protocol, false);
  address.setInt32(4, interfaceIndex, true);
  if (libc().bind(descriptor, bytesOf(address), SOCKADDR_LL_BYTES) < 0) throw systemError(doing, koffi.errno());
}

export function setOption(descriptor: number, level: number, name: number, value: Uint8Array, doing: string): void {
  if (libc().setsockopt(descriptor, level, name, value, value.length) < 0) throw systemError(doing, koffi.errno());
}

/** For options that older kernels do not know. @returns whether it was taken */
export function trySetOption(descriptor: number, level: number, name: number, value: Uint8Array): boolean {
  return libc().setsockopt(descriptor, level, name, value, value.length) >= 0;
}

/** Fills `value`; its length is what the kernel is offered. */
export function getOption(descriptor: number, level: number, name: number, value: Uint8Array): boolean {
  return libc().getsockopt(descriptor, level, name, value, words(value.length)) >= 0;
}

/** Attaches a classic BPF program, to the socket or, as PACKET_FANOUT_DATA, to its fan-out group. */
export function setProgram(descriptor: number, level: number, name: number, program: Uint8Array, doing: string): void {
  const header = new DataView(new ArrayBuffer(16));
  header.setUint16(0, program.length / 8, true);
  header.setBigUint64(8, koffi.address(program), true);
  setOption(descriptor, level, name, bytesOf(header), doing);
}

export interface Mapping {
  readonly address: bigint;
  /** Memory outside the heap: touch it only before `unmap`. */
  readonly memory: ArrayBuffer;
}

/** @param descriptor whose memory to share; null for memory of its own */
export function map(descriptor: number | null, bytes: number, doing: string): Mapping {
  const flags = descriptor === null ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED | MAP_POPULATE;
  const address = libc().mmap(null, bytes, PROT_READ_WRITE, flags, descriptor ?? -1, 0);
  if (BigInt.asUintN(64, address) === MAP_FAILED) throw systemError(doing, koffi.errno());
  return { address, memory: koffi.view(address, bytes) };
}

export function unmap({ address, memory }: Mapping): void {
  const bytes = memory.byteLength;
  // Takes the memory from every view of it, so that none can reach what is no longer there.
  memory.transfer();
  libc().munmap(address, bytes);
}

/** @returns how many descriptors have something to say; 0 after a signal too */
export function poll(descriptors: Uint8Array, timeoutMs: number): number {
  const ready = libc().poll(descriptors, descriptors.length / POLLFD_BYTES, timeoutMs);
  if (ready < 0 && koffi.errno() !== EINTR) throw systemError('wait for packets', koffi.errno());
  return Math.max(0, ready);
}

/** Asks the kernel about an interface by name; null where it refuses. The answer begins at IFREQ_VALUE. */
export function interfaceRequest(descriptor: number, request: number, name: string, value?: bigint): DataView | null {
  const bytes = new Uint8Array(new ArrayBuffer(IFREQ_BYTES));
  bytes.set(Buffer.from(name).subarray(0, 15));
  const view = new DataView(bytes.buffer);
  if (value !== undefined) view.setBigUint64(IFREQ_VALUE, value, true);
  return libc().ioctl(descriptor, request, bytes) < 0 ? null : view;
}

/** @returns how many messages went out; errno where none did, as a negative number */
export function sendMessages(descriptor: number, messages: bigint, count: number): number {
  const sent = libc().sendmmsg(descriptor, messages, count, 0);
  return sent < 0 ? -koffi.errno() : sent;
}

export function addressOf(bytes: Uint8Array): bigint {
  return koffi.address(bytes);
}

/** 32-bit words as the kernel reads them. */
export function words(...values: readonly number[]): Uint8Array {
  return bytesOf(new DataView(new Uint32Array(values).buffer));
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer as ArrayBuffer);
}
