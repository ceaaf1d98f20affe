/** What was asked and answered within flows, as rows of the event store. All share `flow.origin` and `flow.sequence`. */
import type { EventClass } from '@undercroft/kernel';

const ENDS = {
  'src_endpoint.ip': 'string',
  'src_endpoint.port': 'uint16',
  'dst_endpoint.ip': 'string',
  'dst_endpoint.port': 'uint16',
  'connection_info.protocol_name': 'string',
  'flow.origin': 'string',
  'flow.sequence': 'uint32',
} as const;

export const DNS_CLASS: EventClass = {
  name: 'dns_activity',
  uid: 4003,
  summary: 'A question for a name, and its answer.',
  bulk: true,
  attributes: {
    ...ENDS,
    'query.hostname': 'string',
    'query.type': 'string',
    'query.class': 'uint16',
    'query.packet_uid': 'uint16',
    /** Absent where no answer came. */
    rcode: 'string',
    rcode_id: 'uint16',
    /** Data of the answers, and their times to live in seconds, in the same order: texts of JSON lists. */
    answers: 'string',
    'dns.ttls': 'string',
    'dns.round_trip_us': 'int64',
    'dns.flags': 'string',
  },
};

export const HTTP_CLASS: EventClass = {
  name: 'http_activity',
  uid: 4002,
  summary: 'A request of HTTP, and its answer.',
  bulk: true,
  attributes: {
    ...ENDS,
    'http_request.http_method': 'string',
    'http_request.url.hostname': 'string',
    'http_request.url.path': 'string',
    'http_request.version': 'string',
    'http_request.user_agent': 'string',
    'http_request.referrer': 'string',
    'http_request.body_length': 'int64',
    'http_request.content_type': 'string',
    'http_request.user': 'string',
    'http_response.code': 'uint16',
    'http_response.status': 'string',
    'http_response.body_length': 'int64',
    'http_response.content_type': 'string',
    /** Which of its connection, from 1. */
    'http.depth': 'uint32',
  },
};

export const TLS_CLASS: EventClass = {
  name: 'tls_handshake',
  uid: 99_000_401,
  summary: 'A handshake of TLS, DTLS or QUIC: who was asked for, and who showed which certificate.',
  bulk: true,
  attributes: {
    ...ENDS,
    'tls.version': 'string',
    'tls.cipher': 'string',
    'tls.curve': 'string',
    'tls.sni': 'string',
    'tls.alpn': 'string',
    'tls.ja3': 'string',
    'tls.ja3s': 'string',
    'tls.ja4': 'string',
    'tls.established': 'bool',
    'tls.resumed': 'bool',
    'tls.alert': 'string',
    /** Of the server's own certificate, where it was to be seen (TLS up to 1.2). */
    'tls.certificate.fingerprint': 'string',
    'tls.certificate.subject': 'string',
    'tls.certificate.issuer': 'string',
    'tls.certificate.serial_number': 'string',
    'tls.certificate.created_time': 'time',
    'tls.certificate.expiration_time': 'time',
    /** Names and addresses: text of a JSON list. */
    'tls.certificate.sans': 'string',
    'tls.certificate.key': 'string',
    'tls.certificate.is_self_signed': 'bool',
    'tls.certificate.matches_name': 'bool',
  },
};

export const TRANSACTION_CLASSES: readonly EventClass[] = [DNS_CLASS, HTTP_CLASS, TLS_CLASS];
