/** Flow records as rows of the event store: one a record, names of OCSF's network activity where it has one. */
import type { EventClass } from '@undercroft/kernel';

/** Columns that questions go by. */
export const SOURCE = 'src_endpoint.ip';
export const SOURCE_PORT = 'src_endpoint.port';
export const DESTINATION = 'dst_endpoint.ip';
export const DESTINATION_PORT = 'dst_endpoint.port';
export const PROTOCOL = 'connection_info.protocol_name';

export const FLOW_CLASS: EventClass = {
  name: 'network_activity',
  uid: 4001,
  summary: 'A record of a flow: who talked to whom, how much, how well.',
  bulk: true,
  attributes: {
    'src_endpoint.ip': 'string',
    'src_endpoint.port': 'uint16',
    'dst_endpoint.ip': 'string',
    'dst_endpoint.port': 'uint16',
    'connection_info.protocol_name': 'string',
    'connection_info.protocol_num': 'uint16',
    'traffic.packets_out': 'int64',
    'traffic.packets_in': 'int64',
    'traffic.bytes_out': 'int64',
    'traffic.bytes_in': 'int64',
    'flow.app_bytes_out': 'int64',
    'flow.app_bytes_in': 'int64',
    'flow.duration_us': 'int64',
    /** As Argus' clients spell them. */
    'flow.direction': 'string',
    'flow.state': 'string',
    'flow.flags': 'string',
    /** `start`, `status`, `stop`, `timeout`, `shutdown`. */
    'flow.cause': 'string',
    /** The sensor or the exporter, and the flow's number there: all records of one flow have both. */
    'flow.origin': 'string',
    'flow.sequence': 'uint32',
    /** Flows that came to nothing and were too many to keep one by one: this row stands for so many. */
    'flow.merged': 'uint32',
    'flow.vlan': 'uint16',
    'ip.ttl_out': 'uint16',
    'ip.ttl_in': 'uint16',
    'ip.tos_out': 'uint16',
    'ip.tos_in': 'uint16',
    'tcp.synack_us': 'uint32',
    'tcp.ackdat_us': 'uint32',
    'tcp.sequence_base_out': 'uint32',
    'tcp.sequence_base_in': 'uint32',
    'tcp.window_out': 'uint32',
    'tcp.window_in': 'uint32',
    'tcp.retransmitted_out': 'uint32',
    'tcp.retransmitted_in': 'uint32',
    'tcp.gap_out': 'uint32',
    'tcp.gap_in': 'uint32',
    'icmp.type': 'uint16',
    'icmp.code': 'uint16',
    /** What is spoken, by what was said and not by the port. */
    app_name: 'string',
    'tls.sni': 'string',
    'tls.alpn': 'string',
    'tls.version': 'string',
    'tls.ja3': 'string',
    'tls.ja4': 'string',
    'ssh.hassh': 'string',
    'flow.banner': 'string',
    'flow.entropy_out': 'float64',
    'flow.entropy_in': 'float64',
    'process.name': 'string',
    'process.pid': 'uint32',
    'container.name': 'string',
    'src_endpoint.country': 'string',
    'dst_endpoint.country': 'string',
    'src_endpoint.asn': 'uint32',
    'dst_endpoint.asn': 'uint32',
  },
};
