/** Where radium gets its records. */
import type { Readable } from 'node:stream';
import type { RecordBatch } from '../../record/batch.ts';
import { argusError } from '../errors.ts';
import { followStream, type RemoteStream } from '../net/client.ts';
import { UdpStream } from '../net/udp.ts';
import { parseSource, readRecords } from '../read/source.ts';
import { ARGUS_PORT, parseUdpUrl } from '../write/udp.ts';

/** A source of records: a server, a file, or a listener for NetFlow, IPFIX or sFlow. */
export interface RecordInput {
  readonly name: string;
  /** Batches until the source or `signal` ends. */
  read(signal: AbortSignal, onTrouble: (text: string) => void): AsyncIterable<RecordBatch>;
}

/** Opens a listener for flow exports. @param address of the form `host:port`, the host may be empty or `any` */
export type ExportListener = (address: string) => RecordInput;

const EXPORT_SCHEMES = /^(?:cisco|netflow|jflow|ipfix|sflow):\/\//;

/**
 * `host`, `host:port`, `argus://host:port`, `argus-tcp://…`, `argus-udp://…`, `cisco://any:9996`.
 *
 * @throws UndercroftError `flow.argus.option` when it is no address
 */
export function remoteInput(text: string, filter: string, listen: ExportListener | undefined): RecordInput {
  if (EXPORT_SCHEMES.test(text)) {
    if (listen === undefined) throw argusError('option', `${text}: flow exports are not listened to here`);
    return listen(text.replace(EXPORT_SCHEMES, ''));
  }
  const udp = parseUdpUrl(text);
  if (udp !== undefined) return udpInput(text, udp.host, udp.port);
  const address = /^(?:argus(?:-tcp)?:\/\/)?(?:[^@/]*@)?(\[[0-9a-fA-F:.]+\]|[^:/]+)(?::(\d{1,5}))?$/.exec(text);
  if (address === null) throw argusError('option', `${JSON.stringify(text)} is no address of a server`);
  const remote: RemoteStream = {
    host: (address[1] as string).replace(/^\[|\]$/g, ''),
    port: address[2] === undefined ? ARGUS_PORT : Number(address[2]),
    ...(filter === '' ? {} : { filter }),
  };
  return {
    name: `${remote.host}:${remote.port}`,
    read: (signal, onTrouble) =>
      followStream(remote, signal, ({ error, retryMs }) =>
        onTrouble(`${error?.message ?? `${remote.host}:${remote.port} ended`}; again in ${retryMs / 1000} s`),
      ),
  };
}

function udpInput(name: string, host: string, port: number): RecordInput {
  return {
    name,
    async *read(signal) {
      const stream = await UdpStream.bind(host === 'any' ? '' : host, port);
      yield* stream.read(signal);
    },
  };
}

export function fileInput(text: string, stdin: Readable): RecordInput {
  const source = parseSource(text);
  return { name: source.path, read: () => readRecords(source, stdin) };
}
