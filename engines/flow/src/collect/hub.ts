/** The sensor's side of collectors and outputs: rows go on to the server, counters too, trouble to Coverage. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Coverage, FlowsWrite, Log } from '@undercroft/kernel';
import { RowForwarder } from '../rows/forwarder.ts';
import { Thread } from '../thread.ts';
import type { CollectConfig } from './config.ts';
import type { CollectTotals, ExchangeOptions, FromExchange, OutputTotals, PartState, ToExchange } from './messages.ts';

const COLLECT_FEATURE = 'Flow collectors';
const OUTPUT_FEATURE = 'Flow outputs';

export interface ExchangeParts {
  readonly coverage: Pick<Coverage, 'report'>;
  readonly log: Log;
  readonly flows: FlowsWrite;
  /** The thread has died. */
  readonly fail: (error: Error) => void;
}

export class Exchange {
  readonly #parts: ExchangeParts;
  readonly #thread: Thread<FromExchange, ToExchange>;
  readonly #collects: boolean;
  readonly #puts: boolean;
  readonly #rows: RowForwarder;

  /** @returns undefined when nothing is to be collected and nothing goes out; Coverage says so */
  static start(options: ExchangeOptions, parts: ExchangeParts): Exchange | undefined {
    const collects = isCollecting(options.collect);
    if (!collects) {
      parts.coverage.report({
        feature: COLLECT_FEATURE,
        state: 'off',
        text: 'NetFlow, IPFIX, sFlow and streams of Argus are not collected',
        fix: 'set flow.collect.netflowPort: 2055 (or ipfixPort, sflowPort, argus)',
      });
    }
    return collects || isPutting(options) ? new Exchange(options, parts) : undefined;
  }

  private constructor(options: ExchangeOptions, parts: ExchangeParts) {
    this.#parts = parts;
    this.#rows = new RowForwarder(parts.flows, parts.log, 'collected flow records');
    this.#collects = isCollecting(options.collect);
    this.#puts = isPutting(options);
    this.#thread = new Thread(
      { script: new URL('./exchange.ts', import.meta.url), name: 'flow exchange', data: options },
      { message: (message) => this.#hear(message), ended: parts.fail },
    );
  }

  /** @returns where a thread that reads the wire hands its records in; undefined when nobody wants them */
  feed(): MessagePort | undefined {
    if (!this.#puts) return undefined;
    const { port1, port2 } = new MessageChannel();
    this.#thread.tell({ kind: 'feed', port: port2 }, [port2]);
    return port1;
  }

  /** To be called when the wire's threads have ended. */
  async stop(): Promise<void> {
    await this.#thread.stop({ kind: 'stop' });
    await this.#rows.settled();
  }

  #hear(message: FromExchange): void {
    if (message.kind === 'rows') this.#rows.write(message.rows, (rows) => this.#thread.tell({ kind: 'taken', rows }));
    else if (message.kind === 'exporters') {
      this.#parts.flows.exporters(message.exporters).catch(() => {
        // The server is away; the next ones carry the same totals.
      });
    } else {
      if (this.#collects) this.#cover(COLLECT_FEATURE, ...collectState(message.collect, this.#rows.lost));
      if (this.#puts) this.#cover(OUTPUT_FEATURE, ...outputState(message.outputs));
    }
  }

  #cover(feature: string, parts: readonly PartState[], text: string, trouble: string, fix: string): void {
    const failed = parts.filter((part) => part.trouble !== undefined);
    if (failed.length > 0) {
      this.#parts.coverage.report({
        feature,
        state: failed.length === parts.length ? 'failed' : 'warning',
        text: failed.map((part) => `${part.name}: ${part.trouble}`).join('; '),
        fix: failed.some((part) => part.trouble?.includes('EACCES'))
          ? 'choose ports from 1024 on, and a folder that the sensor may write'
          : 'see that the address is of this machine and free, or that the server there runs',
      });
      return;
    }
    this.#parts.coverage.report(
      trouble === '' ? { feature, state: 'ok', text } : { feature, state: 'warning', text: trouble, fix },
    );
  }
}

function isCollecting({ netflowPort, ipfixPort, sflowPort, argus }: CollectConfig): boolean {
  return netflowPort > 0 || ipfixPort > 0 || sflowPort > 0 || argus.length > 0;
}

function isPutting(options: ExchangeOptions): boolean {
  return options.serve.argus.listen !== '' || options.export.length > 0 || options.logs.folder !== '';
}

type State = readonly [parts: readonly PartState[], text: string, trouble: string, fix: string];

function collectState({ parts, records, recordsLost, refused }: CollectTotals, lostLater: number): State {
  const names = parts.map((part) => part.name).join(', ');
  const lost = recordsLost + lostLater;
  return [
    parts,
    `${names}: ${records} records${refused > 0 ? `, ${refused} messages of others refused` : ''}`,
    lost > 0 ? `${names}: ${lost} of ${records} records were lost, because the server could not take them` : '',
    'sample at the exporters, or spread them over several machines',
  ];
}

function outputState({ parts, records, recordsLost, dropped, clients }: OutputTotals): State {
  const names = parts.map((part) => part.name).join(', ');
  return [
    parts,
    `${names}: ${records} records${clients > 0 ? `, ${clients} clients` : ''}`,
    recordsLost + dropped > 0
      ? `${names}: ${recordsLost} records came too fast and ${dropped} were dropped for slow receivers`
      : '',
    'see whether clients, collectors and the disk keep up; take fewer outputs',
  ];
}
