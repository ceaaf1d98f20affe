import { columnValue, type EventRows } from '@undercroft/kernel';
import { describe, expect, it } from 'vitest';
import { readCertificate } from '../application/language/tls/certificate.ts';
import { TransactionColumns } from './transaction-columns.ts';

const FLOW = {
  sequence: 7,
  isTcp: true,
  sourceAddress: '10.0.0.1',
  sourcePort: 40000,
  destinationAddress: '10.0.0.2',
  destinationPort: 443,
};
const AT = { timeS: 1.5, uid: '', ...FLOW };

function row(rows: EventRows | undefined, index: number): Record<string, unknown> {
  const values = Object.entries(rows?.columns ?? {}).map(([name, column]) => [name, columnValue(column, index)]);
  return Object.fromEntries(values.filter(([, value]) => value !== null));
}

describe('rows of transactions', () => {
  it('are a batch a class, and have what is known only', () => {
    const columns = new TransactionColumns('here', 10);
    columns.tls({ ...AT, carrier: 'quic', resumed: false, established: true, serverName: 'example.org' }, FLOW);
    const certificate = { ...readCertificate(new Uint8Array()), dnsNames: ['a.org', 'b.org'], notAfterUs: 5 };
    columns.tls({ ...AT, carrier: 'tcp', resumed: true, established: false, nameMatches: false, certificate }, FLOW);
    columns.http({ ...AT, depth: 1, method: 'GET', requestBodyBytes: 0, responseBodyBytes: 0 }, FLOW);
    const [http, tls, ...others] = columns.take();
    expect(others).toEqual([]);
    expect([http?.class, tls?.class, tls?.rows]).toEqual(['http_activity', 'tls_handshake', 2]);
    expect(tls?.timeUs[0]).toBe(1_500_000);
    expect(row(tls, 0)).toEqual({
      'src_endpoint.ip': '10.0.0.1',
      'src_endpoint.port': 40000,
      'dst_endpoint.ip': '10.0.0.2',
      'dst_endpoint.port': 443,
      'connection_info.protocol_name': 'quic',
      'flow.origin': 'here',
      'flow.sequence': 7,
      'tls.sni': 'example.org',
      'tls.established': true,
      'tls.resumed': false,
    });
    expect(row(tls, 1)).toMatchObject({
      'tls.resumed': true,
      'tls.certificate.sans': '["a.org","b.org"]',
      'tls.certificate.expiration_time': 5,
      'tls.certificate.matches_name': false,
      'tls.certificate.is_self_signed': false,
    });
    expect(columns.take()).toEqual([]);
  });

  it('for which there is no room are counted, and long texts are cut', () => {
    const columns = new TransactionColumns('here', 1);
    const request = { ...AT, depth: 1, requestBodyBytes: 0, responseBodyBytes: 0, uri: '/'.repeat(5000) };
    columns.http(request, FLOW);
    columns.http(request, FLOW);
    expect(columns.lost).toBe(1);
    expect(row(columns.take()[0], 0)['http_request.url.path']).toHaveLength(1024);
  });
});
