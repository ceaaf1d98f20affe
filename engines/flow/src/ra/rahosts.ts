/** rahosts: which hosts each host talked to, as ranges. */
import type { Program } from '../program.ts';
import {
  DESTINATION_ADDRESS,
  FLOW_IPV4,
  FLOW_IPV6,
  FLOW_TYPE,
  HAS_FLOW,
  KIND,
  KIND_MANAGEMENT,
  SOURCE_ADDRESS,
} from '../record/layout.ts';
import { addressText, compareAddresses } from './client/address-text.ts';
import { rangesText } from './client/ranges.ts';
import { type Client, type ClientContext, runClient } from './client/run.ts';
import { swapped } from './filter/readers.ts';

const MAX_HOSTS = 1_000_000;
const BYTE = 0xff;

interface Peers {
  readonly ipv4: Set<number>;
  readonly ipv6: Set<string>;
}

export const run: Program = (argv, io) => runClient('rahosts', argv, io, startRahosts);

function startRahosts({ out }: ClientContext): Client {
  const hosts = new Map<string, Peers>();
  return {
    record(record) {
      if (record.get(KIND) === KIND_MANAGEMENT || !record.has(HAS_FLOW)) return true;
      const type = record.get(FLOW_TYPE);
      if (type !== FLOW_IPV4 && type !== FLOW_IPV6) return true;
      if (type === FLOW_IPV4 && (record.get(SOURCE_ADDRESS) === 0 || record.get(DESTINATION_ADDRESS) === 0))
        return true;
      const source = addressText(record, SOURCE_ADDRESS);
      let peers = hosts.get(source);
      if (peers === undefined) {
        if (hosts.size >= MAX_HOSTS) return true;
        peers = { ipv4: new Set(), ipv6: new Set() };
        hosts.set(source, peers);
      }
      if (type === FLOW_IPV4) peers.ipv4.add(swapped(record.get(DESTINATION_ADDRESS)));
      else peers.ipv6.add(addressText(record, DESTINATION_ADDRESS));
      return true;
    },
    end() {
      for (const host of [...hosts.keys()].sort(compareAddresses)) {
        const { ipv4, ipv6 } = hosts.get(host) as Peers;
        const parts = [...(ipv4.size > 0 ? [rangesText(ipv4, dotted)] : []), ...[...ipv6].sort(compareAddresses)];
        out.text(`${host}: (${ipv4.size + ipv6.size}) ${parts.join(', ')}\n`);
      }
    },
  };
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & BYTE).join('.');
}
