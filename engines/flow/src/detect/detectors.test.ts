import { expect, it } from 'vitest';
import type { FlowRow } from '../archive/rows.ts';
import { Detectors } from './detectors.ts';
import { DETECTOR_NAMES, type DetectorName } from './names.ts';
import { Networks } from './networks.ts';

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
