import { join } from 'node:path';
import { eachRecord, openCapture } from '@undercroft/packet';
import { captureFolder } from '@undercroft/packet/testing';
import { describe, expect, it } from 'vitest';
import { TransactionColumns } from '../../archive/transaction-columns.ts';
import { FlowTable } from '../../table/flow-table.ts';
import { GENERATE_INSPECTION } from '../../table/options.ts';
import { ARGUS_SETTINGS } from '../../table/settings.ts';
import { type InspectedCapture, inspectCapture } from '../testing/inspect-capture.ts';
import { Inspector } from './inspector.ts';

const folder = captureFolder();
const title = (text: string): string => `${text}${folder === null ? ' (skipped: no captures here)' : ''}`;

function inspect(name: string): Promise<InspectedCapture> {
  return inspectCapture(join(folder ?? '', name));
}

function applications({ flows }: InspectedCapture): string[] {
  return [...new Set([...flows.values()].map(({ application }) => application ?? '-'))].sort();
}

describe(title('what is spoken'), { skip: folder === null }, () => {
  it.each([
    ['443-curl.pcap', ['tls']],
    ['BGP_redist.pcap', ['bgp']],
    ['NTPv4.pcap', ['ntp']],
    ['dns_exfiltration.pcap', ['dns']],
    ['doq.pcapng', ['quic']],
    ['dtls_certificate_fragments.pcap', ['dtls']],
    ['http2.pcapng', ['http2']],
    ['http_auth.pcap', ['http']],
    ['imap-starttls.pcap', ['imap']],
    ['kerberos-login.pcap', ['kerberos']],
    ['memcached.cap', ['memcached']],
    ['modbus.pcap', ['modbus']],
    ['mysql.pcapng', ['mysql']],
    ['nntp.pcap', ['nntp']],
    ['openvpn.pcap', ['openvpn']],
    ['oracle12.pcapng', ['oracle']],
    ['pop3.pcap', ['pop3']],
    ['quic_q50.pcap', ['quic']],
    ['rdp.pcap', ['rdp']],
    ['resp.pcap', ['redis']],
    ['rtsp.pcap', ['rtsp']],
    ['s7comm-plus.pcap', ['s7comm']],
    ['smb_deletefile.pcap', ['smb']],
    ['smtp.pcap', ['smtp']],
    ['ssdp-m-search-ua.pcap', ['ssdp']],
    ['ssh_unidirectional.pcap', ['ssh']],
    ['stun_signal.pcapng', ['stun']],
    ['syslog.pcap', ['syslog']],
    ['wireguard.pcap', ['wireguard']],
  ])('in %s is %j', async (name, expected) => {
    expect(applications(await inspect(`ndpi/default/pcap/${name}`))).toEqual(expected);
  });
});

describe(title('a handshake'), { skip: folder === null }, () => {
  it('of TLS 1.2 tells names, fingerprints and the certificate', async () => {
    const { tls } = await inspect('ndpi/default/pcap/443-curl.pcap');
    expect(tls).toHaveLength(1);
    expect(tls[0]).toMatchObject({
      carrier: 'tcp',
      version: 'TLSv12',
      cipher: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
      serverName: 'www.ntop.org',
      nextProtocol: 'h2',
      established: true,
      resumed: false,
      ja3: '2a26b1a62e40d25d4de3babc9d532f30',
      ja3s: 'ae53107a2e47ea20c72ac44821a728bf',
      ja4: 't12d6707h2_2955a3196ffa_c83f907a73d3',
      subject: 'CN=www.ntop.org',
      issuer: "CN=Let's Encrypt Authority X3,O=Let's Encrypt,C=US",
      nameMatches: true,
    });
    expect(tls[0]?.certificate).toMatchObject({ keyType: 'rsa', keyBits: 2048, isSelfSigned: false });
  });

  it('of QUIC is opened', async () => {
    const { tls } = await inspect('ndpi/default/pcap/google_meet.pcapng');
    expect(tls.find(({ carrier }) => carrier === 'quic')).toMatchObject({ serverName: 'meet.google.com' });
  });

  it('after STARTTLS is found', async () => {
    const { tls, flows } = await inspect('ndpi/default/pcap/smtp-starttls.pcap');
    expect(tls).toHaveLength(2);
    expect([...flows.values()][0]).toMatchObject({ application: 'smtp', banner: expect.stringMatching(/^220 /) });
  });

  it('with a certificate of its own making is told', async () => {
    const { tls } = await inspect('ndpi/default/pcap/selfsigned.pcap');
    expect(tls[0]?.certificate?.isSelfSigned).toBe(true);
  });
});

describe(title('transactions'), { skip: folder === null }, () => {
  it('of DNS have both sides, and go out as rows', async () => {
    const { dns, flows } = await inspect('ndpi/default/pcap/dns_exfiltration.pcap');
    expect(dns.length).toBe(150);
    expect(dns.every(({ responseCode }) => responseCode !== undefined)).toBe(true);
    const columns = new TransactionColumns('here', 1000);
    const flow = { sourceAddress: '1.1.1.1', sourcePort: 1, destinationAddress: '2.2.2.2', destinationPort: 53 };
    for (const each of dns) columns.dns(each, { ...flow, sequence: 7, isTcp: false });
    const [rows, ...others] = columns.take();
    expect(others).toEqual([]);
    expect(rows).toMatchObject({ class: 'dns_activity', rows: 150 });
    expect(Object.keys(rows?.columns ?? {})).toEqual(
      expect.arrayContaining(['query.hostname', 'rcode', 'flow.sequence']),
    );
    expect([...flows.values()].every(({ entropyOut }) => (entropyOut ?? 0) > 2)).toBe(true);
  });

  it('have the id of their flow', async () => {
    for (const name of ['dns-google-nsid.pcapng', '443-curl.pcap', 'tls_ech.pcapng', 'http_auth.pcap']) {
      const { dns, http, tls, flows } = await inspect(`ndpi/default/pcap/${name}`);
      const known = new Set([...flows.values()].map(({ uid }) => uid));
      const uids = [...dns, ...http, ...tls].map(({ uid }) => uid);
      expect(uids.length).toBeGreaterThan(0);
      expect(uids.filter((uid) => !known.has(uid))).toEqual([]);
    }
  });

  it('of HTTP go on in one connection', async () => {
    const { http } = await inspect('ndpi/default/pcap/http_ua_splitted_in_two_pkts.pcapng');
    expect(http.length).toBeGreaterThan(25);
    expect(http.map(({ depth }) => depth)).toEqual(http.map((_, index) => index + 1));
  });
});

describe(title('what is shown'), { skip: folder === null }, () => {
  it('is nothing unless it is asked for, and little of long flows', async () => {
    for (const [generate, most] of [
      [0, 0],
      [GENERATE_INSPECTION, 200],
    ] as const) {
      let packets = 0;
      const table = new FlowTable(
        { ...ARGUS_SETTINGS, generate },
        {
          inspect(_bytes, _view, _at, count) {
            packets += count;
          },
        },
      );
      for await (const block of openCapture(join(folder ?? '', 'ndpi/default/pcap/443-curl.pcap'))) {
        table.addBlock(block, () => {});
      }
      table.finish(() => {});
      expect(packets).toBeLessThanOrEqual(most);
      expect(packets > 0).toBe(most > 0);
    }
  });

  it('may be damaged in any way', async () => {
    let seed = 1;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const columns = new TransactionColumns('here', 100_000);
    const inspector = new Inspector({ sink: columns });
    const names = ['443-curl.pcap', 'http_auth.pcap', 'dns_exfiltration.pcap', 'quic-29.pcap', 'chrome.pcap'];
    for (const name of [...names, 'dtls_certificate_fragments.pcap', 'smtp-starttls.pcap', 'ssh_unidirectional.pcap']) {
      for await (const block of openCapture(join(folder ?? '', 'ndpi/default/pcap', name))) {
        for (let round = 0; round < 8; round++) {
          const bytes = block.bytes.slice();
          // Frames keep their heads, so that what is said is what is hurt.
          eachRecord(block, (offset, captured) => {
            for (let hits = random(6); hits > 0 && captured > 54; hits--) {
              bytes[offset + 54 + random(captured - 54)] = random(256);
            }
          });
          const table = new FlowTable({ ...ARGUS_SETTINGS, quirks: 0, generate: GENERATE_INSPECTION }, inspector);
          table.addBlock({ ...block, bytes }, () => {});
          table.finish(() => {});
        }
      }
    }
    inspector.finish();
    expect(inspector.counts()).toMatchObject({ openBytes: 0, present: 0 });
    expect(inspector.counts().flows).toBeGreaterThan(500);
    expect(columns.lost).toBe(0);
  });
});
