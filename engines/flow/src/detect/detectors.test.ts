import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FlowRow } from '../archive/rows.ts';
import { Detectors } from './detectors.ts';
import { DETECTOR_NAMES, type DetectorName } from './names.ts';
import { Networks, networkOf } from './networks.ts';

const START_US = 1_790_000_000e6;
const networks = new Networks(['10.0.0.0/8', 'fc00::/7']);

function row(at: number, more: Partial<FlowRow>): FlowRow {
  return {
    timeUs: START_US + at * 1e6,
    source: '10.0.0.5',
    sourcePort: 40_000,
    destination: '203.0.113.9',
    destinationPort: 443,
    protocol: 'tcp',
    bytesOut: 1_000,
    bytesIn: 5_000,
    packetsOut: 5,
    packetsIn: 6,
    appBytesOut: 500,
    appBytesIn: 4_000,
    durationUs: 1e6,
    state: 'FIN',
    cause: 'start',
    origin: 'eth0',
    sequence: 1,
    application: null,
    ...more,
  };
}

const refused = { packetsIn: 0, bytesIn: 0, appBytesIn: 0, state: 'REQ' } as const;

/** What one detector alone says at the time of the last row. */
function findings(name: DetectorName, rows: readonly FlowRow[]) {
  const detectors = new Detectors(
    DETECTOR_NAMES.filter((each) => each !== name),
    { networks },
  );
  for (const each of rows) detectors.see(each);
  return detectors.look(rows.at(-1)!.timeUs).map(({ finding }) => finding);
}

const many = (count: number, make: (index: number) => FlowRow): FlowRow[] =>
  Array.from({ length: count }, (_, index) => make(index));

it('finds a scan of hosts and one of ports, and no scan in a busy client', () => {
  const hosts = many(60, (index) =>
    row(index / 10, { destination: `10.0.1.${index}`, destinationPort: 22, ...refused }),
  );
  expect(findings('scan', hosts)).toMatchObject([
    { rule: 'flow.scan.hosts', address: '10.0.0.5', title: '10.0.0.5 tried 60 hosts on port 22 within 5.9 s' },
  ]);
  const ports = many(100, (index) =>
    row(index / 10, { destination: '10.0.1.1', destinationPort: index + 1, ...(index === 21 ? {} : refused) }),
  );
  const [found] = findings('scan', ports);
  expect(found).toMatchObject({ rule: 'flow.scan.ports', technique: 'T1046' });
  expect(found?.evidence).toContain('answered: 10.0.1.1 tcp 22');
  expect(
    findings(
      'scan',
      many(200, (index) => row(index / 10, { destination: `198.51.100.${index}` })),
    ),
  ).toEqual([]);
});

it('finds a beacon by its even rhythm, and none in a person who browses', () => {
  const even = many(12, (index) => row(index * 60 + (index % 3), { bytesOut: 800 + (index % 2) }));
  expect(findings('beacon', even)).toMatchObject([
    { rule: 'flow.beacon', part: '203.0.113.9:443', title: '10.0.0.5 calls 203.0.113.9 port 443 every 61 s' },
  ]);
  const person = many(30, (index) => row(index * index * 3, {}));
  expect(findings('beacon', person)).toEqual([]);
  expect(
    findings(
      'beacon',
      even.map((each) => ({ ...each, destination: '10.0.9.9' })),
    ),
  ).toEqual([]);
});

it('finds more leaving than is usual, names where it went, and learns what is usual', () => {
  const usual = many(300, (index) => row(index * 60, { bytesOut: 1e6 }));
  const leak = many(30, (index) => row(18_000 + index * 10, { bytesOut: 20e6, destination: '198.51.100.7' }));
  expect(findings('exfiltration', usual)).toEqual([]);
  const [found] = findings('exfiltration', [...usual, ...leak]);
  expect(found).toMatchObject({ rule: 'flow.exfiltration.volume', address: '10.0.0.5' });
  expect(found?.evidence.join()).toContain('to 198.51.100.7');
  const backup = many(3000, (index) => row(index * 60, { bytesOut: 40e6, bytesIn: 1e3 }));
  expect(findings('exfiltration', backup)).toEqual([]);
});

it('finds connections that stay open for hours across the border', () => {
  const open = many(60, (index) => row(index * 300, { cause: index === 0 ? 'start' : 'status' }));
  expect(findings('long-connection', open)).toMatchObject([
    {
      rule: 'flow.connection.long',
      state: 'notice',
      title: '10.0.0.5 has been connected to 203.0.113.9 port 443 for 4.9 h',
    },
  ]);
  expect(
    findings(
      'long-connection',
      open.map((each) => ({ ...each, destination: '10.0.0.9' })),
    ),
  ).toEqual([]);
});

it('finds a host whose connections fail, and names where', () => {
  const broken = many(50, (index) =>
    row(index, index % 5 === 0 ? {} : { destination: '10.0.0.8', destinationPort: 5432, ...refused }),
  );
  expect(findings('failures', broken)).toMatchObject([
    {
      rule: 'flow.failures',
      title: '80 % of the connections of 10.0.0.5 fail',
      evidence: ['40 failed at 10.0.0.8 port 5432'],
    },
  ]);
  expect(
    findings(
      'failures',
      many(50, (index) => row(index, {})),
    ),
  ).toEqual([]);
});

it('finds data in DNS queries, and none in ordinary ones', () => {
  const query = (index: number, bytesOut: number) =>
    row(index / 10, {
      protocol: 'udp',
      destination: '10.0.0.53',
      destinationPort: 53,
      packetsOut: 1,
      packetsIn: 1,
      bytesOut,
      bytesIn: 300,
    });
  expect(
    findings(
      'dns-tunnel',
      many(200, (index) => query(index, 220)),
    ),
  ).toMatchObject([{ rule: 'flow.dns.tunnel', part: '10.0.0.53' }]);
  expect(
    findings(
      'dns-tunnel',
      many(200, (index) => query(index, 80)),
    ),
  ).toEqual([]);
});

it('finds a protocol on a port that is for another', () => {
  expect(findings('wrong-port', [row(0, { application: 'ssh' })])).toMatchObject([
    { rule: 'flow.protocol.wrong-port', state: 'warning', title: '203.0.113.9 speaks ssh on port 443' },
  ]);
  expect(findings('wrong-port', [row(0, { application: 'ssh', destinationPort: 2222 })])).toMatchObject([
    { state: 'notice' },
  ]);
  expect(
    findings('wrong-port', [row(0, { application: 'tls' }), row(1, { application: 'http', destinationPort: 80 })]),
  ).toEqual([]);
  expect(
    findings('wrong-port', [row(0, { application: 'ssh', destinationPort: 2222, destination: '10.0.0.8' })]),
  ).toEqual([]);
});

it('finds administrative connections to hosts that a known source never had before', () => {
  const ssh = (at: number, host: number) => row(at, { destination: `10.0.3.${host}`, destinationPort: 22 });
  const day = 24 * 3600;
  const habit = many(10, (index) => ssh(index * 3600, index));
  const again = many(10, (index) => ssh(day * 2 + index, index));
  expect(findings('lateral-movement', [...habit, ...again])).toEqual([]);
  const fresh = many(5, (index) => ssh(day * 2 + 100 + index, 100 + index));
  expect(findings('lateral-movement', [...habit, ...again, ...fresh])).toMatchObject([
    { rule: 'flow.lateral', state: 'critical', technique: 'T1021' },
  ]);
});

const DAY_S = 24 * 3600;

/** A host that calls so many places, each twice a day. */
const habit = (places: number, days: number): FlowRow[] =>
  many(days * 2 * places, (index) =>
    row(((index / places) | 0) * (DAY_S / 2), { destination: `198.51.${index % places}.9` }),
  );
const elsewhere = (days: number) => row(days * DAY_S + 60, { destination: '203.0.113.77', destinationPort: 4444 });

it('finds the first contact of a host with a habit', () => {
  expect(findings('first-contact', habit(5, 8))).toEqual([]);
  const [found, ...others] = findings('first-contact', [...habit(5, 8), elsewhere(8)]);
  expect(others).toEqual([]);
  expect(found).toMatchObject({
    rule: 'flow.first-contact',
    address: '10.0.0.5',
    state: 'notice',
    title: '10.0.0.5 contacted 203.0.113.77 port 4444 outside for the first time',
  });
  expect(found?.detail).toContain('in 8 days, it had contacted 5 places outside');
  expect(found?.evidence[0]).toContain('203.0.113.77 tcp (203.0.113.0/24 port 4444)');
  // A neighbour of what it knows is no new place, nor is what is inside, nobody's alone, or not answered.
  for (const known of [
    { destination: '198.51.1.77' },
    { destination: '10.9.9.9' },
    { destination: '239.1.1.1' },
    { destination: '203.0.113.77', ...refused },
    { destination: '203.0.113.77', sourcePort: 443, destinationPort: 51_234 },
  ])
    expect(findings('first-contact', [...habit(5, 8), row(8 * DAY_S, known)])).toEqual([]);
});

it('names the network of an address', () => {
  expect(['203.0.113.9', '2001:db8:1:2::3', '2001:db8::1', '2001::', '::1', '1:2:3:4:5:6:7:8'].map(networkOf)).toEqual([
    '203.0.113.0/24',
    '2001:db8:1::/48',
    '2001:db8:0::/48',
    '2001:0:0::/48',
    '0:0:0::/48',
    '1:2:3::/48',
  ]);
});

it('tells the first contact outside of a host that is called only, and tells it for an hour', () => {
  const called = many(16, (index) => row((index * DAY_S) / 2, { source: '10.0.0.1', destination: '10.0.0.8' }));
  const detectors = new Detectors([], { networks });
  for (const each of [...called, row(8 * DAY_S, { source: '10.0.0.8', destination: '2001:db8:1:2::3' })])
    detectors.see(each);
  const rules = (at: number) => detectors.look(START_US + at * 1e6).map(({ finding, holds }) => [finding.rule, holds]);
  expect(rules(8 * DAY_S + 60)).toContainEqual(['flow.first-contact', true]);
  expect(rules(8 * DAY_S + 3700)).toContainEqual(['flow.first-contact', false]);
});

it('finds no first contact of a client with many places, nor while a habit is learnt', () => {
  expect(findings('first-contact', [...habit(21, 8), elsewhere(8)])).toEqual([]);
  expect(findings('first-contact', [...habit(20, 8), elsewhere(8)])).toHaveLength(1);
  expect(findings('first-contact', [...habit(5, 6), elsewhere(6)])).toEqual([]);
});

it('finds first contacts with what the archive teaches', () => {
  const told = (places: number, sinceDays: number) => {
    const detectors = new Detectors([], { networks });
    const contacts = many(places, (index) => row(0, { destination: `198.51.${index}.9` }));
    detectors.learnContacts(
      '10.0.0.5',
      contacts.map(({ destination }) => [destination, 443] as const),
      START_US - sinceDays * DAY_S * 1e6,
    );
    for (const each of [...contacts, elsewhere(0)]) detectors.see(each);
    return detectors.look(START_US + 120e6).filter(({ finding }) => finding.rule === 'flow.first-contact').length;
  };
  expect([told(5, 8), told(30, 8), told(5, 2)]).toEqual([1, 0, 0]);
});

it('finds data in the names that are asked for, and none in ordinary ones', () => {
  const told = (names: readonly string[], spanS = 100) => {
    const detectors = new Detectors([], { networks });
    names.forEach((name, index) => {
      const timeUs = START_US + (index * spanS * 1e6) / names.length;
      detectors.seeQuestion({ timeUs, source: '10.0.0.5', name });
    });
    return detectors.look(START_US + spanS * 1e6).map(({ finding }) => finding);
  };
  const labels = many(120, (index) => row(index, {})).map(({ timeUs }) =>
    createHash('sha256').update(String(timeUs)).digest('hex'),
  );
  const [found, ...others] = told(labels.map((label) => `${label.slice(0, 50)}.T.Example.com`));
  expect(others).toEqual([]);
  expect(found).toMatchObject({
    rule: 'flow.dns.tunnel',
    address: '10.0.0.5',
    part: 'example.com',
    title: '10.0.0.5 asked for 120 long or random names below example.com',
  });
  expect(found?.evidence).toHaveLength(3);
  expect(found?.evidence[0]).toBe(`asked for ${labels[0]?.slice(0, 50)}.t.exam...`);
  // Short labels, but random: base 32.
  const random = labels.map((label) => `${BigInt(`0x${label}`).toString(32).slice(0, 26)}.example.co.uk`);
  expect(told(random)).toMatchObject([{ part: 'example.co.uk' }]);
  expect(told(labels.map((_, index) => `host-${index}.intranet.example.com`))).toEqual([]);
  // The same few again and again, reverse names, many domains, and too slowly.
  expect(told(labels.map((_, index) => `${labels[index % 20]}.example.com`))).toEqual([]);
  expect(told(labels.map((label) => `${[...label.slice(0, 32)].join('.')}.ip6.arpa`))).toEqual([]);
  expect(told(labels.map((label, index) => `${label}.example${index}.com`))).toEqual([]);
  expect(told(random, 600)).toEqual([]);
});

it('takes any name that is asked for', () => {
  const detectors = new Detectors([], { networks });
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.domain(), fc.stringMatching(/^[.a-z]*$/)), (name) =>
      detectors.seeQuestion({ timeUs: START_US, source: '10.0.0.5', name }),
    ),
  );
});

it('says when a finding is new, when it goes on, and when it has ended', () => {
  const detectors = new Detectors([], { networks });
  for (const each of many(60, (index) =>
    row(index / 10, { destination: `10.0.1.${index}`, destinationPort: 22, ...refused }),
  ))
    detectors.see(each);
  const look = (at: number) =>
    detectors.look(START_US + at * 1e6).map(({ finding, holds, fresh }) => [finding.rule, holds, fresh]);
  expect(look(10)).toEqual([['flow.scan.hosts', true, true]]);
  expect(look(20)).toEqual([['flow.scan.hosts', true, false]]);
  expect(look(1000)).toEqual([['flow.scan.hosts', false, false]]);
  expect(look(1010)).toEqual([]);
});

it('keeps its memory bounded under a flood of sources', () => {
  const detectors = new Detectors([], { networks });
  for (let index = 0; index < 60_000; index++)
    detectors.see(row(index / 1000, { source: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}` }));
  expect(detectors.look(START_US + 60e6)).toEqual([]);
});
