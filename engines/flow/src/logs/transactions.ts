/** What applications did within flows, as plain objects: what dns.log, http.log and ssl.log are written from. */

/** Which flow it belongs to: who asked whom. */
export interface TransactionFlow {
  /** Seconds since 1970, with fractions. */
  readonly timeS: number;
  /** As `flowUid` gives it: the same in all logs. */
  readonly uid: string;
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly destinationAddress: string;
  readonly destinationPort: number;
}

/** A question and its answers; one without an answer has no response code. */
export interface DnsTransaction extends TransactionFlow {
  readonly transport: 'tcp' | 'udp';
  readonly id: number;
  /** Seconds from the question to its answer. */
  readonly roundTripS?: number;
  readonly query?: string;
  readonly queryClass?: number;
  readonly queryType?: number;
  /** Its name: A, AAAA, ... */
  readonly queryTypeName?: string;
  readonly responseCode?: number;
  readonly responseCodeName?: string;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  /** The reserved bits of the header. */
  readonly reserved: number;
  /** Data of the answers as text, and their times to live in seconds, in the same order. */
  readonly answers: readonly string[];
  readonly ttlsS: readonly number[];
  /** The server refused to answer. */
  readonly rejected: boolean;
}

export interface HttpTransaction extends TransactionFlow {
  /** Counted within the connection, from 1. */
  readonly depth: number;
  readonly method?: string;
  readonly host?: string;
  readonly uri?: string;
  readonly referrer?: string;
  /** Of the request: 1.0, 1.1, 2. */
  readonly version?: string;
  readonly userAgent?: string;
  readonly origin?: string;
  readonly requestBodyBytes: number;
  readonly responseBodyBytes: number;
  readonly statusCode?: number;
  readonly statusText?: string;
  /** Name that the request authenticates with; passwords are never kept. */
  readonly user?: string;
  /** Names of headers that say that a proxy was used. */
  readonly proxied?: readonly string[];
  readonly requestTypes?: readonly string[];
  readonly responseTypes?: readonly string[];
}

export interface TlsHandshake extends TransactionFlow {
  /** TLSv12, TLSv13, ... */
  readonly version?: string;
  readonly cipher?: string;
  readonly curve?: string;
  readonly serverName?: string;
  readonly resumed: boolean;
  /** The alert that ended it. */
  readonly lastAlert?: string;
  /** Protocol agreed upon by ALPN. */
  readonly nextProtocol?: string;
  readonly established: boolean;
  /** SHA-256 fingerprints in hexadecimal, the server's own certificate first. */
  readonly certificates?: readonly string[];
  readonly clientCertificates?: readonly string[];
  readonly subject?: string;
  readonly issuer?: string;
  /** Whether the certificate holds for the name that was asked for. */
  readonly nameMatches?: boolean;
  readonly ja3?: string;
  readonly ja3s?: string;
  readonly ja4?: string;
}
