/** The words of the language, several spellings for one meaning. */

const LINKS = 'link ppp slip fddi ether';
export const PROTOCOL_WORDS = new Set(
  `${LINKS} arp rarp ip ipv4 ipv6 tcp udp udt rtp rtcp icmp igmp mpls vlan anon isis esp ib`.split(' '),
);
/** Kinds of a record, of its cause and of its state, that stand alone. */
export const STATE_WORDS = new Set(
  (
    'start init stop status shut error man mar far event index svc normal wait synack finack est con avail cor ' +
    'corolated timeout icmpmap echo unreach redirect timexed rtr mbr lvg cocode'
  ).split(' '),
);
/** What each side may have shown: `src syn`. */
export const SIDE_WORDS = new Set(
  (
    'outoforder ooo retrans drop winshut syn fin reset rst ack push urg cwr ece frag ecn multipath mpath dup ' +
    'hello lsp csnp psnp'
  ).split(' '),
);
export const OPTION_WORDS = new Set(
  'tcpopt mss wscale selackok selack tcpecho tcpechoreply tcptimestamp tcpcc tcpccnew tcpccecho secn decn'.split(' '),
);
/** Words that a value follows, by what they mean. */
export const ADDRESS_WORDS = new Set(['host', 'srcid', 'inode', 'net']);
export const VALUE_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    port: 'port',
    ipid: 'ipid',
    ttl: 'ttl',
    tos: 'tos',
    dsb: 'dsb',
    dsbyte: 'dsb',
    co: 'co',
    vid: 'vid',
    vpri: 'vpri',
    mid: 'mid',
    byte: 'bytes',
    bytes: 'bytes',
    data: 'appbytes',
    appbyte: 'appbytes',
    appbytes: 'appbytes',
    pkt: 'pkts',
    pkts: 'pkts',
    trans: 'trans',
    tcprtt: 'tcprtt',
    tcpb: 'tcpbase',
    base: 'tcpbase',
    loss: 'loss',
    gap: 'gap',
    spi: 'spi',
    encaps: 'encaps',
    nstroke: 'nstroke',
    nstrokes: 'nstroke',
    seq: 'seq',
    dur: 'dur',
    avgdur: 'avgdur',
    inter: 'intpkt',
    intpkt: 'intpkt',
    intpktact: 'intpktact',
    intpktidle: 'intpktidle',
    jit: 'jitter',
    jitter: 'jitter',
    jitact: 'jitact',
    jitidle: 'jitidle',
    rate: 'rate',
    load: 'load',
    ploss: 'ploss',
    abr: 'pcr',
    abratio: 'pcr',
    pcr: 'pcr',
    pcratio: 'pcr',
    as: 'asn',
    asn: 'asn',
  }),
);
/** Comparisons, by word or sign. */
export const COMPARISONS: ReadonlyMap<string, 'eq' | 'lt' | 'lte' | 'gt' | 'gte'> = new Map([
  ['eq', 'eq'],
  ['equal', 'eq'],
  ['=', 'eq'],
  ['==', 'eq'],
  ['lt', 'lt'],
  ['less', 'lt'],
  ['<', 'lt'],
  ['lte', 'lte'],
  ['<=', 'lte'],
  ['gt', 'gt'],
  ['greater', 'gt'],
  ['>', 'gt'],
  ['gte', 'gte'],
  ['>=', 'gte'],
]);

export const KEYWORDS: ReadonlySet<string> = new Set([
  ...PROTOCOL_WORDS,
  ...STATE_WORDS,
  ...SIDE_WORDS,
  ...OPTION_WORDS,
  ...ADDRESS_WORDS,
  ...VALUE_WORDS.keys(),
  ...[...COMPARISONS.keys()].filter((word) => /^[a-z]/.test(word)),
  ...'src dst proto gateway broadcast multicast mask and or not local remote'.split(' '),
]);

/** The one spelling of a protocol word: all links are `link`. */
export function protocolOf(word: string): string {
  return LINKS.split(' ').includes(word) ? 'link' : word;
}
