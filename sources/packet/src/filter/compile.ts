/** Compiles expressions of pcap-filter(7) to classic BPF. */

import type { Resolve } from './compile/addresses.ts';
import { ALWAYS } from './compile/condition.ts';
import { emit } from './compile/emit.ts';
import { ACCEPT, DecisionTable, decide, MAX_DECISIONS, REJECT } from './compile/graph.ts';
import { groupLoads } from './compile/group.ts';
import { Packet } from './compile/packet.ts';
import type { Services } from './compile/ports.ts';
import { conditionOf } from './compile/primitives.ts';
import { simplify } from './compile/simplify.ts';
import { FilterError } from './language/error.ts';
import { parseFilter } from './language/parser.ts';
import type { BpfProgram } from './program.ts';
import { systemServices } from './services.ts';
import { validateProgram } from './validate.ts';

/** Bytes a matching packet is kept to where nothing else is asked: the most that any capture holds. */
export const DEFAULT_SNAP_LENGTH = 262_144;

export interface FilterOptions {
  /** The link type's number in capture files (1 is Ethernet). */
  readonly linkType: number;
  /** For an AF_PACKET socket: the outer VLAN tag and the direction are beside the packet. */
  readonly kernel?: boolean;
  /** What the program returns for a packet that matches. */
  readonly snapLength?: number;
  /** Addresses of a host's name; without it names of hosts are refused. */
  readonly resolve?: Resolve;
  /** Ports by name; /etc/services and a table of our own unless given. */
  readonly services?: Services;
  /** Mask of the network of the interface, for `ip broadcast`. */
  readonly netmask?: number;
  /** Whether packets of link type NULL were written by a big-endian machine. */
  readonly bigEndian?: boolean;
}

/**
 * @returns a program that the kernel takes: it returns {@link FilterOptions.snapLength} for packets that match, else 0
 * @throws FilterError with the position in the expression, what is wrong there, and what to write instead
 */
export function compileFilter(expression: string, options: FilterOptions): BpfProgram {
  const { linkType, kernel = false, bigEndian = false, snapLength = DEFAULT_SNAP_LENGTH } = options;
  const packet = new Packet({ linkType, kernel, bigEndian });
  const parsed = parseFilter(expression);
  const names = { resolve: options.resolve, services: options.services ?? systemServices(), netmask: options.netmask };
  const condition = parsed === null ? ALWAYS : conditionOf(packet, parsed, names);
  const table = new DecisionTable();
  const root = simplify(groupLoads(simplify(decide(table, condition, ACCEPT, REJECT))));
  if (table.size > MAX_DECISIONS) throw tooLarge();
  if (root === REJECT) {
    throw new FilterError(
      'filter.never',
      'No packet can match this filter.',
      0,
      'Look for conditions that exclude each other, such as "tcp and udp".',
    );
  }
  const program = { instructions: emit(root, snapLength) };
  validateProgram(program);
  return program;
}

function tooLarge(): FilterError {
  return new FilterError('filter.too-large', 'The filter asks for too many conditions.', 0, 'Write several filters.');
}
