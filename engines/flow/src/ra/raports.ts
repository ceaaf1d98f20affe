/** raports: which ports each host was asked on, as ranges. */
import type { Program } from '../program.ts';
import {
  DESTINATION_ADDRESS,
  DESTINATION_PORT,
  FLOW_IPV4,
  FLOW_IPV6,
  FLOW_TYPE,
  HAS_FLOW,
  KIND,
  KIND_MANAGEMENT,
  PROTOCOL,
  SOURCE_ADDRESS,
  SOURCE_PORT,
} from '../record/layout.ts';
import { addressText, compareAddresses } from './client/address-text.ts';
import { rangesText } from './client/ranges.ts';
import { type Client, type ClientContext, runClient } from './client/run.ts';
import { UsageError } from './options/settings.ts';

const TCP = 6;
const UDP = 17;
const MAX_HOSTS = 1_000_000;

export const run: Program = (argv, io) => runClient('raports', argv, io, startRaports);

/** `-M src` tells the ports that hosts asked from. */
function startRaports({ settings, out }: ClientContext): Client {
  const unknown = settings.modes.find((mode) => !/^(?:src|dst)/i.test(mode));
  if (unknown !== undefined) throw new UsageError();
  const isSource = settings.modes.some((mode) => /^src/i.test(mode));
  const addressAt = isSource ? SOURCE_ADDRESS : DESTINATION_ADDRESS;
  const portAt = isSource ? SOURCE_PORT : DESTINATION_PORT;
  const hosts = new Map<string, { tcp: Set<number>; udp: Set<number> }>();
  return {
    record(record) {
      if (record.get(KIND) === KIND_MANAGEMENT || !record.has(HAS_FLOW)) return true;
      const type = record.get(FLOW_TYPE);
      const protocol = record.get(PROTOCOL);
      if ((type !== FLOW_IPV4 && type !== FLOW_IPV6) || (protocol !== TCP && protocol !== UDP)) return true;
      const address = addressText(record, addressAt);
      let ports = hosts.get(address);
      if (ports === undefined) {
        if (hosts.size >= MAX_HOSTS) return true;
        ports = { tcp: new Set(), udp: new Set() };
        hosts.set(address, ports);
      }
      (protocol === TCP ? ports.tcp : ports.udp).add(record.get(portAt));
      return true;
    },
    end() {
      for (const address of [...hosts.keys()].sort(compareAddresses)) {
        const ports = hosts.get(address);
        for (const [name, numbers] of [
          ['tcp', ports?.tcp],
          ['udp', ports?.udp],
        ] as const) {
          if (numbers === undefined || numbers.size === 0) continue;
          out.text(`${address} ${name}: (${numbers.size}) ${rangesText(numbers, String)}\n`);
        }
      }
    },
  };
}
