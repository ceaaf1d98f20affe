/** Servers of Argus and radium that are read from, connected again when they go away. */
import type { FlowExporterCounters } from '@undercroft/kernel';
import { followStream } from '../argus/net/client.ts';
import { ARGUS_PORT } from '../argus/write/udp.ts';
import { hostAndPort } from '../netflow/command/options.ts';
import { KIND, KIND_MANAGEMENT } from '../record/layout.ts';
import { FlowRecord } from '../record/record.ts';
import type { OriginSink } from './listeners.ts';
import type { PartState } from './messages.ts';
import { SourceNames } from './origin.ts';

interface Stream {
  readonly name: string;
  records: number;
  lastUs: number | undefined;
  trouble: string | undefined;
}

export interface StreamsOptions {
  readonly sink: OriginSink;
  /** Resolves when there is room for more: a server is read no faster. */
  readonly room: () => Promise<void>;
  readonly nowUs: () => number;
}

export class ArgusStreams {
  readonly #options: StreamsOptions;
  readonly #stop = new AbortController();
  readonly #streams: Stream[] = [];
  readonly #running: Promise<void>[] = [];

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  start(servers: readonly string[]): void {
    for (const server of servers) this.#running.push(this.#follow(server));
  }

  get parts(): readonly PartState[] {
    return this.#streams.map(({ name, trouble }) => ({
      name: `argus ${name}`,
      ...(trouble === undefined ? {} : { trouble }),
    }));
  }

  exporters(): readonly FlowExporterCounters[] {
    return this.#streams.map(({ name, records, lastUs, trouble }) => ({
      exporter: name,
      protocol: 'argus',
      ...(lastUs === undefined ? {} : { lastUs }),
      packets: 0,
      bytes: 0,
      records,
      sequenceGaps: 0,
      sequenceLost: 0,
      unknownTemplates: 0,
      unknownDropped: 0,
      malformed: 0,
      unsupported: 0,
      ...(trouble === undefined ? {} : { trouble }),
    }));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  async #follow(server: string): Promise<void> {
    const { sink, room, nowUs } = this.#options;
    const stream: Stream = { name: server, records: 0, lastUs: undefined, trouble: 'not connected yet' };
    this.#streams.push(stream);
    try {
      const remote = hostAndPort(server, ARGUS_PORT);
      const sources = new SourceNames(server);
      const record = new FlowRecord();
      const onTrouble = ({ error }: { readonly error: Error | undefined }): void => {
        stream.trouble = error?.message ?? 'the server has ended the stream';
      };
      for await (const batch of followStream(remote, this.#stop.signal, onTrouble)) {
        stream.trouble = undefined;
        stream.lastUs = nowUs();
        for (let index = 0; index < batch.count; index++) {
          record.at(batch, batch.address(index));
          if (record.get(KIND) === KIND_MANAGEMENT) continue;
          stream.records += 1;
          sink(record, sources.of(record));
        }
        await room();
      }
    } catch (error) {
      stream.trouble = (error as Error).message;
    }
  }
}
