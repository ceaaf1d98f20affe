/** Transactions to columns of the archive, as they end. */
import type { EventClass, EventColumn, EventColumnType, EventRows } from '@undercroft/kernel';
import type { InspectedFlow } from '../application/inspect/flow.ts';
import type { InspectedHandshake, TransactionSink } from '../application/inspect/sink.ts';
import type { CertificateFacts } from '../application/language/tls/certificate.ts';
import type { DnsTransaction, HttpTransaction } from '../logs/transactions.ts';
import { type ColumnBuilder, NumberBuilder, TextBuilder } from './builders.ts';
import { DNS_CLASS, HTTP_CLASS, TLS_CLASS } from './classes-of-transactions.ts';

/** Kept of an address asked for: longer ones are attacks, or forms. */
const MAX_TEXT = 1024;

type Value = string | number | boolean | null | undefined;

/** Rows of one class, their values by name. */
class ClassRows {
  readonly #class: EventClass;
  readonly #capacity: number;
  readonly #origin: string;
  readonly #builders = new Map<string, ColumnBuilder>();
  readonly #time: Float64Array;
  #rows = 0;

  constructor(eventClass: EventClass, origin: string, capacity: number) {
    this.#class = eventClass;
    this.#origin = origin;
    this.#capacity = capacity;
    this.#time = new Float64Array(capacity);
  }

  get rows(): number {
    return this.#rows;
  }

  /** @returns false when there is no room */
  add(timeS: number, flow: InspectedFlow, transport: string, values: Readonly<Record<string, Value>>): boolean {
    if (this.#rows >= this.#capacity) return false;
    this.#time[this.#rows] = Math.round(timeS * 1e6);
    this.#set('src_endpoint.ip', flow.sourceAddress);
    this.#set('src_endpoint.port', flow.sourcePort);
    this.#set('dst_endpoint.ip', flow.destinationAddress);
    this.#set('dst_endpoint.port', flow.destinationPort);
    this.#set('connection_info.protocol_name', transport);
    this.#set('flow.origin', this.#origin);
    this.#set('flow.sequence', flow.sequence);
    for (const name in values) this.#set(name, values[name]);
    this.#rows += 1;
    return true;
  }

  take(): EventRows | undefined {
    const rows = this.#rows;
    if (rows === 0) return undefined;
    const columns: Record<string, EventColumn> = {};
    for (const [name, builder] of this.#builders) {
      const column = builder.take(rows);
      if (column !== undefined) columns[name] = column;
    }
    this.#rows = 0;
    return { class: this.#class.name, rows, timeUs: this.#time.slice(0, rows), columns };
  }

  #set(name: string, value: Value): void {
    if (value === null || value === undefined) return;
    let builder = this.#builders.get(name);
    if (builder === undefined) {
      builder = builderOf(this.#class.attributes[name] ?? 'string', this.#capacity);
      this.#builders.set(name, builder);
    }
    if (builder instanceof NumberBuilder) builder.set(this.#rows, Number(value));
    else if (builder instanceof FlagBuilder) builder.set(this.#rows, value === true);
    else if (builder instanceof TextBuilder) {
      const text = String(value);
      builder.set(this.#rows, text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text);
    }
  }
}

function builderOf(type: EventColumnType, capacity: number): ColumnBuilder {
  if (type === 'string') return new TextBuilder(capacity);
  return type === 'bool' ? new FlagBuilder() : new NumberBuilder(type, capacity);
}

/** True, false or neither. */
class FlagBuilder implements ColumnBuilder {
  #values: (boolean | null)[] = [];

  set(row: number, value: boolean): void {
    while (this.#values.length < row) this.#values.push(null);
    this.#values[row] = value;
  }

  take(rows: number): EventColumn | undefined {
    const values = this.#values;
    if (values.length === 0) return undefined;
    this.#values = [];
    while (values.length < rows) values.push(null);
    return values;
  }
}

export class TransactionColumns implements TransactionSink {
  readonly #dns: ClassRows;
  readonly #http: ClassRows;
  readonly #tls: ClassRows;
  readonly #names = new WeakMap<CertificateFacts, string>();
  /** Transactions for which there was no room. */
  lost = 0;

  /** @param origin the sensor @param capacity rows of each class between two calls of `take` */
  constructor(origin: string, capacity: number) {
    this.#dns = new ClassRows(DNS_CLASS, origin, capacity);
    this.#http = new ClassRows(HTTP_CLASS, origin, capacity);
    this.#tls = new ClassRows(TLS_CLASS, origin, capacity);
  }

  get rows(): number {
    return this.#dns.rows + this.#http.rows + this.#tls.rows;
  }

  /** What was gathered, a batch a class, and starts anew. */
  take(): readonly EventRows[] {
    return [this.#dns, this.#http, this.#tls].flatMap((each) => each.take() ?? []);
  }

  dns(transaction: DnsTransaction, flow: InspectedFlow): void {
    const { roundTripS, answers, ttlsS } = transaction;
    this.#count(
      this.#dns.add(transaction.timeS, flow, transaction.transport, {
        'query.hostname': transaction.query,
        'query.type': transaction.queryTypeName,
        'query.class': transaction.queryClass,
        'query.packet_uid': transaction.id,
        rcode: transaction.responseCodeName,
        rcode_id: transaction.responseCode,
        answers: answers.length === 0 ? null : JSON.stringify(fitting(answers)),
        'dns.ttls': ttlsS.length === 0 ? null : JSON.stringify(ttlsS.slice(0, fitting(answers).length)),
        'dns.round_trip_us': roundTripS === undefined ? null : Math.round(roundTripS * 1e6),
        'dns.flags': flagsText(transaction),
      }),
    );
  }

  http(transaction: HttpTransaction, flow: InspectedFlow): void {
    this.#count(
      this.#http.add(transaction.timeS, flow, 'tcp', {
        'http_request.http_method': transaction.method,
        'http_request.url.hostname': transaction.host,
        'http_request.url.path': transaction.uri,
        'http_request.version': transaction.version,
        'http_request.user_agent': transaction.userAgent,
        'http_request.referrer': transaction.referrer,
        'http_request.body_length': transaction.requestBodyBytes,
        'http_request.content_type': transaction.requestTypes?.[0],
        'http_request.user': transaction.user,
        'http_response.code': transaction.statusCode,
        'http_response.status': transaction.statusText,
        'http_response.body_length': transaction.responseBodyBytes,
        'http_response.content_type': transaction.responseTypes?.[0],
        'http.depth': transaction.depth,
      }),
    );
  }

  tls(transaction: InspectedHandshake, flow: InspectedFlow): void {
    const { certificate } = transaction;
    this.#count(
      this.#tls.add(transaction.timeS, flow, transaction.carrier, {
        'tls.version': transaction.version,
        'tls.cipher': transaction.cipher,
        'tls.curve': transaction.curve,
        'tls.sni': transaction.serverName,
        'tls.alpn': transaction.nextProtocol,
        'tls.ja3': transaction.ja3,
        'tls.ja3s': transaction.ja3s,
        'tls.ja4': transaction.ja4,
        'tls.established': transaction.established,
        'tls.resumed': transaction.resumed,
        'tls.alert': transaction.lastAlert,
        'tls.certificate.matches_name': transaction.nameMatches,
        ...(certificate === undefined
          ? {}
          : {
              'tls.certificate.fingerprint': certificate.sha256,
              'tls.certificate.subject': certificate.subject,
              'tls.certificate.issuer': certificate.issuer,
              'tls.certificate.serial_number': certificate.serial,
              'tls.certificate.created_time': certificate.notBeforeUs,
              'tls.certificate.expiration_time': certificate.notAfterUs,
              'tls.certificate.sans': this.#namesOf(certificate),
              'tls.certificate.key':
                certificate.keyBits === null ? certificate.keyType : `${certificate.keyType} ${certificate.keyBits}`,
              'tls.certificate.is_self_signed': certificate.isSelfSigned,
            }),
      }),
    );
  }

  /** The same text for the same certificate: it is long, and often there. */
  #namesOf(certificate: CertificateFacts): string {
    let text = this.#names.get(certificate);
    if (text === undefined) {
      text = JSON.stringify(fitting(certificate.dnsNames));
      this.#names.set(certificate, text);
    }
    return text;
  }

  #count(isAdded: boolean): void {
    if (!isAdded) this.lost += 1;
  }
}

/** As many texts as a JSON list of the longest text holds whole. */
function fitting(texts: readonly string[]): readonly string[] {
  let bytes = 2;
  const count = texts.findIndex((text) => {
    bytes += JSON.stringify(text).length + 1;
    return bytes > MAX_TEXT;
  });
  return count < 0 ? texts : texts.slice(0, count);
}

/** As Zeek and dig call them. */
function flagsText({ authoritative, truncated, recursionDesired, recursionAvailable }: DnsTransaction): string | null {
  const flags = [
    authoritative ? 'aa' : '',
    truncated ? 'tc' : '',
    recursionDesired ? 'rd' : '',
    recursionAvailable ? 'ra' : '',
  ].filter((each) => each !== '');
  return flags.length === 0 ? null : flags.join(' ');
}
