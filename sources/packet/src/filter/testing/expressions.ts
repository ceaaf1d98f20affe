/** Random expressions by the grammar, within what libpcap 1.10 compiles correctly. */
import fc from 'fast-check';

const PORTS = ['80', '443', '53', '22', '6000', '(80 or 443)', '!25'];
const HOSTS = ['10.0.0.1', '10.0.1.2', '192.168.1.1', '1.2.3.4', '::1', 'fe80::1', '2001:db8::1'];
const NETS = ['10', '10.0', '192.168.0.0/16', '10.0.0.0/8', 'fe80::/10', '2001:db8::/33', '10.0.0.0 mask 255.0.0.0'];
const PLAIN = [
  'ip',
  'ip6',
  'arp',
  'rarp',
  'tcp',
  'udp',
  'sctp',
  'icmp',
  'icmp6',
  'igmp',
  'ah',
  'esp',
  'pim',
  'iso',
  'stp',
  'ipx',
  'llc',
  'atalk',
];
const CASTS = ['broadcast', 'multicast', 'ip multicast', 'ip6 multicast', 'ether broadcast'];
const PROTOS = ['ip proto 6', 'ip6 proto 17', 'proto 47', 'ether proto 0x86dd', 'ether proto 300', 'proto \\udp'];
const LENGTHS = ['less 60', 'greater 100', 'len > 80', 'len - 14 < 60', '60 <= len'];
const INDEXED = ['ip', 'tcp', 'udp', 'icmp', 'ether', 'ip6', 'arp', 'icmp6'];
const OPERATORS = ['+', '-', '*', '&', '|', '^'];
/** These with constants only: libpcap takes some divisors and shifts for constants that are not. */
const CONSTANT_OPERATIONS = ['<< 2', '<< 0xf', '>> 4', '>> 1', '/ 3', '% 7'];

const direction = fc.constantFrom('', 'src ', 'dst ', 'src and dst ', 'src or dst ');
const size = fc.constantFrom('', ':1', ':2', ':4');

/** All loads from one header: libpcap forgets the test for that of a right operand. */
const arithmetic = fc.constantFrom(...INDEXED).chain(
  (header) =>
    fc.letrec<{ sum: string; leaf: string }>((tie) => ({
      leaf: fc.oneof(
        fc.tuple(fc.nat(20), size).map(([offset, bytes]) => `${header}[${offset}${bytes}]`),
        fc.constantFrom('1', '2', '4', '0xf', '0xff', '7', '20'),
      ),
      sum: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        fc.tuple(fc.nat(20), size).map(([offset, bytes]) => `${header}[${offset}${bytes}]`),
        fc
          .tuple(tie('sum'), fc.constantFrom(...CONSTANT_OPERATIONS))
          .map(([left, operation]) => `(${left} ${operation})`),
        fc
          .tuple(tie('sum'), fc.constantFrom(...OPERATORS), tie('leaf'), fc.boolean())
          .map(([left, operator, right, group]) =>
            group ? `(${left} ${operator} ${right})` : `${left} ${operator} ${right}`,
          ),
      ),
    })).sum,
);

const primitive = fc.oneof(
  fc.constantFrom(...PLAIN, ...CASTS, ...PROTOS, ...LENGTHS),
  fc.tuple(direction, fc.constantFrom(...HOSTS)).map(([way, host]) => `${way}host ${host}`),
  fc.tuple(direction, fc.constantFrom(...NETS)).map(([way, net]) => `${way}net ${net}`),
  fc
    .tuple(fc.constantFrom('', 'tcp ', 'udp '), direction, fc.constantFrom(...PORTS))
    .map(([proto, way, port]) => `${proto}${way}port ${port}`),
  fc
    .tuple(direction, fc.constantFrom('6000-6008', '1-1024', '443-80'))
    .map(([way, range]) => `${way}portrange ${range}`),
  fc
    .tuple(direction, fc.constantFrom('00:11:22:33:44:55', 'aabbccddeeff'))
    .map(([way, mac]) => `ether ${way}host ${mac}`),
  fc
    .tuple(
      arithmetic,
      fc.constantFrom('=', '!=', '<', '>', '<=', '>='),
      fc.constantFrom('0', '1', '5', '64', '0x45', '1000'),
    )
    .map((parts) => parts.join(' ')),
);

/** An expression of up to a dozen primitives. */
export const expressions: fc.Arbitrary<string> = fc.letrec<{ all: string; term: string }>((tie) => ({
  term: fc.oneof(
    { depthSize: 'small' },
    { weight: 5, arbitrary: primitive },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('not ', '!'), tie('term')).map((parts) => parts.join('')) },
    { weight: 2, arbitrary: tie('all').map((inner) => `(${inner})`) },
  ),
  all: fc
    .tuple(
      tie('term'),
      fc.array(fc.tuple(fc.constantFrom(' and ', ' or ', ' && ', ' || '), tie('term')), { maxLength: 3 }),
    )
    .map(([first, rest]) => first + rest.flat().join('')),
})).all;
