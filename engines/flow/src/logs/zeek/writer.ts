/** Zeek's logs into files: TSV with header and footer, or JSON lines. */
import { LogFile, type LogFileOptions } from '../log-file.ts';
import { type ZeekLog, zeekFooter, zeekHeader, zeekJson, zeekLine } from './format.ts';

export interface ZeekWriterOptions extends Omit<LogFileOptions, 'path' | 'header' | 'footer'> {
  /** Of the logs: conn.log, dns.log, ... are in it. */
  readonly folder: string;
  readonly json?: boolean;
}

export class ZeekWriter<Row> {
  readonly file: LogFile;
  readonly #log: ZeekLog<Row>;
  readonly #line: (log: ZeekLog<Row>, row: Row) => string;

  constructor(log: ZeekLog<Row>, options: ZeekWriterOptions) {
    const { folder, json = false, ...rest } = options;
    this.#log = log;
    this.#line = json ? zeekJson : zeekLine;
    const frame = json ? {} : { header: (openMs: number) => zeekHeader(log, openMs), footer: zeekFooter };
    this.file = new LogFile({ ...rest, ...frame, path: `${folder}/${log.path}.log` });
  }

  write(row: Row): void {
    this.file.write(this.#line(this.#log, row));
  }
}
