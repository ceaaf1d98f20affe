/** Listens for NetFlow, IPFIX and sFlow and hands on what it decodes: the sockets around the decoders. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, isIPv6, type Server, type Socket } from 'node:net';
import { SflowDecoder } from '../sflow/language/datagram.ts';
import { AllowList, plainAddress } from './allow-list.ts';
import { Stitcher, type StitchOptions } from './engine/stitch.ts';
import { type Exporter, Exporters } from './exporters.ts';
import { ExporterState } from './language/exporter.ts';
import { NetflowDecoder, type RecordSink } from './language/message.ts';
import { MessageSplitter } from './language/splitter.ts';

export const NETFLOW_PORT = 2055;
export const IPFIX_PORT = 4739;
export const SFLOW_PORT = 6343;

export interface CollectorOptions {
  /** 127.0.0.1 if absent. */
  readonly host?: string;
  /** A port that is absent is not listened to; 0 takes any that is free. All versions are taken on the first two. */
  readonly netflowPort?: number;
  readonly ipfixPort?: number;
  /** IPFIX over TCP. */
  readonly ipfixTcpPort?: number;
  readonly sflowPort?: number;
  /** Addresses and blocks of exporters; everybody who reaches the socket if empty. */
  readonly allow?: readonly string[];
  /** Multiplies counters by the sampling rate; yes if absent. */
  readonly scaleBySampling?: boolean;
  /** Joins one-way records; they are handed on as they come if absent. */
  readonly stitch?: StitchOptions;
  readonly nowMs: () => number;
  /** What the kernel keeps for us while we are busy; 4 MiB if absent. */
  readonly receiveBufferBytes?: number;
}

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const MAX_TCP_CONNECTIONS = 64;
const TCP_IDLE_MS = 900_000;
const STITCH_TICK_MS = 500;

export class Collector {
  readonly exporters: Exporters;
  readonly stitcher: Stitcher | null;
  /** Datagrams and connections from addresses that are not allowed. */
  refused = 0;
  readonly #options: CollectorOptions;
  readonly #allow: AllowList;
  readonly #netflow = new NetflowDecoder();
  readonly #sflow = new SflowDecoder();
  readonly #sink: RecordSink;
  readonly #udp: UdpSocket[] = [];
  readonly #connections = new Set<Socket>();
  #tcp: Server | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** @param sink gets each record; good until it returns */
  constructor(sink: RecordSink, options: CollectorOptions) {
    this.#options = options;
    this.#allow = new AllowList(options.allow ?? []);
    this.exporters = new Exporters(options.scaleBySampling ?? true);
    this.stitcher = options.stitch === undefined ? null : new Stitcher(sink, options.stitch);
    const { stitcher } = this;
    this.#sink = stitcher === null ? sink : (record) => stitcher.add(record);
  }

  /** @returns the ports that are open @throws the error of a socket that cannot be bound */
  async start(): Promise<{
    readonly netflow?: number;
    readonly ipfix?: number;
    readonly ipfixTcp?: number;
    readonly sflow?: number;
  }> {
    const { netflowPort, ipfixPort, ipfixTcpPort, sflowPort } = this.#options;
    const takesNetflow = (message: Uint8Array, exporter: Exporter) =>
      this.#netflow.decode(message, exporter.state, this.#sink);
    const takesSflow = (message: Uint8Array, exporter: Exporter) =>
      this.#sflow.decode(message, exporter.state, this.#options.nowMs(), this.#sink);
    try {
      const ports = {
        ...(netflowPort === undefined ? {} : { netflow: await this.#listen(netflowPort, takesNetflow) }),
        ...(ipfixPort === undefined ? {} : { ipfix: await this.#listen(ipfixPort, takesNetflow) }),
        ...(ipfixTcpPort === undefined ? {} : { ipfixTcp: await this.#listenTcp(ipfixTcpPort) }),
        ...(sflowPort === undefined ? {} : { sflow: await this.#listen(sflowPort, takesSflow) }),
      };
      const { stitcher } = this;
      if (stitcher !== null) this.#timer = setInterval(() => stitcher.advance(this.#options.nowMs()), STITCH_TICK_MS);
      return ports;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Closes the sockets and hands on what still waits for its opposite. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    for (const connection of this.#connections) connection.destroy();
    const tcp = this.#tcp;
    this.#tcp = null;
    if (tcp?.listening) await new Promise<void>((resolve) => tcp.close(() => resolve()));
    await Promise.all(this.#udp.splice(0).map((socket) => new Promise<void>((resolve) => socket.close(resolve))));
    this.stitcher?.flush();
  }

  async #listen(port: number, take: (message: Uint8Array, exporter: Exporter) => void): Promise<number> {
    const host = this.#options.host ?? '127.0.0.1';
    const socket = createSocket({
      type: isIPv6(host) ? 'udp6' : 'udp4',
      recvBufferSize: this.#options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES,
    });
    socket.on('message', (message, from) => {
      const address = plainAddress(from.address);
      if (this.#allow.allows(address)) take(message, this.exporters.get(address, this.#options.nowMs()));
      else this.refused++;
    });
    socket.bind(port, host);
    await once(socket, 'listening');
    this.#udp.push(socket);
    return socket.address().port;
  }

  async #listenTcp(port: number): Promise<number> {
    const server = createServer({ noDelay: true }, (connection) => this.#serve(connection));
    server.maxConnections = MAX_TCP_CONNECTIONS;
    this.#tcp = server;
    server.listen(port, this.#options.host ?? '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** Templates of a connection live as long as it does (RFC 7011, 8); its counts are the exporter's. */
  #serve(connection: Socket): void {
    const address = plainAddress(connection.remoteAddress ?? '');
    if (!this.#allow.allows(address)) {
      this.refused++;
      connection.destroy();
      return;
    }
    this.#connections.add(connection);
    const exporter = this.exporters.get(address, this.#options.nowMs());
    const { state } = exporter;
    const session = new ExporterState({
      address: state.address,
      scaleBySampling: state.scaleBySampling,
      counters: state.counters,
    });
    const splitter = new MessageSplitter();
    connection.setTimeout(TCP_IDLE_MS, () => connection.destroy());
    connection.on('error', () => connection.destroy());
    connection.on('close', () => this.#connections.delete(connection));
    connection.on('data', (chunk) => {
      exporter.lastMs = this.#options.nowMs();
      splitter.push(chunk, (message) => this.#netflow.decode(message, session, this.#sink));
      if (!splitter.broken) return;
      state.counters.malformed++;
      connection.destroy();
    });
  }
}
