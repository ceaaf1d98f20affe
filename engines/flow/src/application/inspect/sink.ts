/** Where transactions go as they end: rows of the archive, logs. */
import type { DnsTransaction, HttpTransaction, TlsHandshake } from '../../logs/transactions.ts';
import type { CertificateFacts } from '../language/tls/certificate.ts';
import type { InspectedFlow } from './flow.ts';

/** A handshake with what only the archive asks for. */
export interface InspectedHandshake extends TlsHandshake {
  readonly carrier: 'tcp' | 'quic' | 'dtls';
  /** The server's own certificate. */
  readonly certificate?: CertificateFacts;
}

export interface TransactionSink {
  dns(transaction: DnsTransaction, flow: InspectedFlow): void;
  http(transaction: HttpTransaction, flow: InspectedFlow): void;
  tls(transaction: InspectedHandshake, flow: InspectedFlow): void;
}

/** A transaction while it is put together. */
export type Growing<Transaction> = { -readonly [Name in keyof Transaction]: Transaction[Name] };

/** What followers share. */
export interface FollowerParts {
  readonly sink: TransactionSink;
  /** The flow's id in logs. */
  readonly uid: (flow: InspectedFlow) => string;
}
