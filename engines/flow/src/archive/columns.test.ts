import { columnValue } from '@undercroft/kernel';
import { expect, it } from 'vitest';
import * as word from '../record/layout.ts';
import { FlowRecord } from '../record/record.ts';
import { FLOW_CLASS } from './class.ts';
import { FlowColumns } from './columns.ts';

function record(sequence: number, isIpv6 = false): FlowRecord {
  const made = new FlowRecord();
  made.set(word.KIND, word.KIND_FLOW);
  made.set(word.CAUSE, word.CAUSE_STATUS);
  made.set(word.HAS, word.HAS_FLOW | word.HAS_TIME | word.HAS_METRIC | word.HAS_ENCAPSULATION);
  made.set(word.FLOW_TYPE, isIpv6 ? word.FLOW_IPV6 : word.FLOW_IPV4);
  made.set(word.PROTOCOL, 17);
  made.set(word.SEQUENCE, sequence);
  made.set(word.SOURCE_ADDRESS, 0x0100000a);
  made.set(word.DESTINATION_ADDRESS, isIpv6 ? 0x01000020 : 0x0200000a);
  made.set(word.SOURCE_PORT, 5353);
  made.set(word.DESTINATION_PORT, 53);
  made.set(word.START_S, 1_700_000_000);
  made.set(word.START_NS, 5_999);
  made.set(word.END_S, 1_700_000_002);
  made.set(word.SOURCE_PACKETS, 2);
  made.set(word.DESTINATION_PACKETS, 1);
  made.setWide(word.SOURCE_BYTES, 2 ** 40);
  made.set(word.SOURCE_ENCAPSULATION, 2);
  return made;
}

it('says of each record what its class declares, and nothing of the one before', () => {
  const columns = new FlowColumns('eth0', 4);
  const management = record(9);
  management.set(word.KIND, word.KIND_MANAGEMENT);
  const vlan = record(2, true);
  vlan.set(word.HAS, vlan.get(word.HAS) | word.HAS_VLAN);
  vlan.set(word.SOURCE_VLAN, 0xf007);
  for (const each of [record(1), management, vlan]) columns.add(each);
  const rows = columns.take();
  const row = (index: number) =>
    Object.fromEntries(Object.entries(rows?.columns ?? {}).map(([name, column]) => [name, columnValue(column, index)]));
  expect([rows?.rows, rows?.class, [...(rows?.timeUs ?? [])]]).toEqual([
    2,
    FLOW_CLASS.name,
    [1_700_000_000_000_005, 1_700_000_000_000_005],
  ]);
  expect(row(0)).toMatchObject({
    'src_endpoint.ip': '10.0.0.1',
    'src_endpoint.port': 5353,
    'dst_endpoint.ip': '10.0.0.2',
    'dst_endpoint.port': 53,
    'connection_info.protocol_name': 'udp',
    'traffic.packets_out': 2,
    'traffic.bytes_out': 2 ** 40,
    'flow.state': 'CON',
    'flow.direction': '<->',
    'flow.cause': 'status',
    'flow.flags': ' e',
    'flow.origin': 'eth0',
    'flow.sequence': 1,
    'flow.vlan': null,
  });
  expect(row(1)).toMatchObject({ 'src_endpoint.ip': 'a00:1::', 'flow.vlan': 7, 'flow.sequence': 2 });
  for (const name of Object.keys(row(0))) expect(FLOW_CLASS.attributes).toHaveProperty([name]);
  columns.add(record(3));
  const next = columns.take();
  expect([next?.rows, next?.columns['flow.vlan'], next?.columns['flow.sequence']]).toEqual([
    1,
    undefined,
    Uint32Array.of(3),
  ]);
});

it('takes as many as fit, and no more', () => {
  const columns = new FlowColumns('eth0', 2);
  for (let n = 0; n < 5; n++) columns.add(record(n));
  expect([columns.full, columns.take()?.rows, columns.full]).toEqual([true, 2, false]);
});
