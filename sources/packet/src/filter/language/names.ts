/** Words of the filter language and the numbers they stand for. */

/** What a table has under a name that a user wrote; undefined for what every object has. */
export function lookUp<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

const PLAIN_KEYWORDS = `
  dst src ether arp rarp ip sctp tcp udp icmp igmp igrp pim vrrp carp radio ip6 icmp6 ah esp atalk aarp decnet lat sca
  moprc mopdl iso esis isis l1 l2 iih lsp snp csnp psnp clnp stp ipx netbeui host net mask port portrange proto
  protochain gateway type subtype dir addr1 addr2 addr3 addr4 ra ta less greater byte broadcast multicast and or not len
  inbound outbound ifindex vlan mpls pppoed pppoes geneve vxlan lane llc metac bcc oam oamf4 oamf4ec oamf4sc sc ilmic
  vpi vci connectmsg metaconnect ifname rset rnr srnr reason action fisu lssu msu hfisu hlssu hmsu sio opc dpc sls hsio
  hopc hdpc hsls`;

const SYNONYMS: Readonly<Record<string, string>> = {
  link: 'ether',
  ppp: 'ether',
  slip: 'ether',
  fddi: 'ether',
  tr: 'ether',
  wlan: 'ether',
  'es-is': 'esis',
  'is-is': 'isis',
  direction: 'dir',
  address1: 'addr1',
  address2: 'addr2',
  address3: 'addr3',
  address4: 'addr4',
  length: 'len',
  on: 'ifname',
  ruleset: 'rset',
  rulenum: 'rnr',
  subrulenum: 'srnr',
  lsu: 'lssu',
};

/** Keyword by each of its spellings. */
export const KEYWORDS: ReadonlyMap<string, string> = new Map([
  ...PLAIN_KEYWORDS.trim()
    .split(/\s+/)
    .map((word) => [word, word] as const),
  ...Object.entries(SYNONYMS),
]);

/** Keywords that name a protocol and may stand alone, before a qualifier, or before `[`. */
export const PROTOCOL_WORDS: ReadonlySet<string> = new Set(
  `ether ip arp rarp sctp tcp udp icmp igmp igrp pim vrrp carp atalk aarp decnet lat sca mopdl moprc ip6 icmp6 ah esp iso
   esis isis l1 l2 iih lsp snp psnp csnp clnp stp ipx netbeui radio`.split(/\s+/),
);

/** Keywords for networks that hardly exist any more, with what they belong to. */
export const FOREIGN_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'ATM on Solaris': 'lane metac bcc oam oamf4 oamf4ec oamf4sc sc ilmic vpi vci connectmsg metaconnect',
    'SS7 signalling links': 'fisu lssu msu hfisu hlssu hmsu sio opc dpc sls hsio hopc hdpc hsls',
    'the log of the BSD packet filter': 'ifname rset rnr srnr reason action',
  }).flatMap(([what, words]) => words.split(' ').map((word) => [word, what] as const)),
);

/** Offsets and values of header fields by name. */
export const NAMED_NUMBERS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    icmptype: 0,
    icmpcode: 1,
    'icmp-echoreply': 0,
    'icmp-unreach': 3,
    'icmp-sourcequench': 4,
    'icmp-redirect': 5,
    'icmp-echo': 8,
    'icmp-routeradvert': 9,
    'icmp-routersolicit': 10,
    'icmp-timxceed': 11,
    'icmp-paramprob': 12,
    'icmp-tstamp': 13,
    'icmp-tstampreply': 14,
    'icmp-ireq': 15,
    'icmp-ireqreply': 16,
    'icmp-maskreq': 17,
    'icmp-maskreply': 18,
    icmp6type: 0,
    icmp6code: 1,
    'icmp6-destinationunreach': 1,
    'icmp6-packettoobig': 2,
    'icmp6-timeexceeded': 3,
    'icmp6-parameterproblem': 4,
    'icmp6-echo': 128,
    'icmp6-echoreply': 129,
    'icmp6-multicastlistenerquery': 130,
    'icmp6-multicastlistenerreportv1': 131,
    'icmp6-multicastlistenerdone': 132,
    'icmp6-routersolicit': 133,
    'icmp6-routeradvert': 134,
    'icmp6-neighborsolicit': 135,
    'icmp6-neighboradvert': 136,
    'icmp6-redirect': 137,
    'icmp6-routerrenum': 138,
    'icmp6-nodeinformationquery': 139,
    'icmp6-nodeinformationresponse': 140,
    'icmp6-ineighbordiscoverysolicit': 141,
    'icmp6-ineighbordiscoveryadvert': 142,
    'icmp6-multicastlistenerreportv2': 143,
    'icmp6-homeagentdiscoveryrequest': 144,
    'icmp6-homeagentdiscoveryreply': 145,
    'icmp6-mobileprefixsolicit': 146,
    'icmp6-mobileprefixadvert': 147,
    'icmp6-certpathsolicit': 148,
    'icmp6-certpathadvert': 149,
    'icmp6-multicastrouteradvert': 151,
    'icmp6-multicastroutersolicit': 152,
    'icmp6-multicastrouterterm': 153,
    tcpflags: 13,
    'tcp-fin': 0x01,
    'tcp-syn': 0x02,
    'tcp-rst': 0x04,
    'tcp-push': 0x08,
    'tcp-ack': 0x10,
    'tcp-urg': 0x20,
    'tcp-ece': 0x40,
    'tcp-cwr': 0x80,
  }),
);

/** Ethernet types by the names that `ether proto` knows. */
export const ETHER_TYPES: Readonly<Record<string, number>> = {
  ip: 0x0800,
  arp: 0x0806,
  rarp: 0x8035,
  ip6: 0x86dd,
  atalk: 0x809b,
  aarp: 0x80f3,
  decnet: 0x6003,
  lat: 0x6004,
  sca: 0x6007,
  mopdl: 0x6001,
  moprc: 0x6002,
  loopback: 0x9000,
};

/** 802.2 service access points by name. */
export const LLC_SAPS: Readonly<Record<string, number>> = { iso: 0xfe, stp: 0x42, ipx: 0xe0, netbeui: 0xf0 };

/** OSI network layer protocols. */
export const ISO_PROTOCOLS: Readonly<Record<string, number>> = { clnp: 0x81, esis: 0x82, isis: 0x83 };

/** IS-IS PDU types that each of its words stands for. */
export const ISIS_PDUS: Readonly<Record<string, readonly number[]>> = {
  l1: [26, 24, 18, 17, 15],
  l2: [27, 25, 20, 17, 16],
  iih: [15, 16, 17],
  lsp: [18, 20],
  snp: [26, 27, 24, 25],
  csnp: [24, 25],
  psnp: [26, 27],
};

/** Protocols above IP, by the names people know from /etc/protocols. */
export const IP_PROTOCOLS: Readonly<Record<string, number>> = {
  ip: 0,
  icmp: 1,
  igmp: 2,
  ggp: 3,
  ipencap: 4,
  st: 5,
  tcp: 6,
  egp: 8,
  igp: 9,
  pup: 12,
  udp: 17,
  hmp: 20,
  'xns-idp': 22,
  rdp: 27,
  'iso-tp4': 29,
  dccp: 33,
  xtp: 36,
  ddp: 37,
  'idpr-cmtp': 38,
  ipv6: 41,
  'ipv6-route': 43,
  'ipv6-frag': 44,
  idrp: 45,
  rsvp: 46,
  gre: 47,
  esp: 50,
  ah: 51,
  skip: 57,
  'ipv6-icmp': 58,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  rspf: 73,
  vmtp: 81,
  eigrp: 88,
  ospf: 89,
  'ax.25': 93,
  ipip: 94,
  etherip: 97,
  encap: 98,
  pim: 103,
  ipcomp: 108,
  vrrp: 112,
  l2tp: 115,
  isis: 124,
  sctp: 132,
  fc: 133,
  'mobility-header': 135,
  udplite: 136,
  'mpls-in-ip': 137,
  hip: 139,
  shim6: 140,
  wesp: 141,
  rohc: 142,
};

/** Keywords of protocols directly above IP: number, and whether IPv4, IPv6 or both carry it. */
export const TRANSPORT_WORDS: Readonly<
  Record<string, { readonly number: number; readonly over: 'both' | 'ip' | 'ip6' }>
> = {
  sctp: { number: 132, over: 'both' },
  tcp: { number: 6, over: 'both' },
  udp: { number: 17, over: 'both' },
  ah: { number: 51, over: 'both' },
  esp: { number: 50, over: 'both' },
  pim: { number: 103, over: 'both' },
  icmp: { number: 1, over: 'ip' },
  igmp: { number: 2, over: 'ip' },
  igrp: { number: 9, over: 'ip' },
  vrrp: { number: 112, over: 'ip' },
  carp: { number: 112, over: 'ip' },
  icmp6: { number: 58, over: 'ip6' },
};

/** 802.2 frames: the third byte under a mask. */
export const LLC_FRAMES: Readonly<Record<string, { readonly mask: number; readonly value: number }>> = {
  s: { mask: 0x03, value: 0x01 },
  u: { mask: 0x03, value: 0x03 },
  rr: { mask: 0x0f, value: 0x01 },
  rnr: { mask: 0x0f, value: 0x05 },
  rej: { mask: 0x0f, value: 0x09 },
  ui: { mask: 0xef, value: 0x03 },
  ua: { mask: 0xef, value: 0x63 },
  disc: { mask: 0xef, value: 0x43 },
  dm: { mask: 0xef, value: 0x0f },
  sabme: { mask: 0xef, value: 0x6f },
  test: { mask: 0xef, value: 0xe3 },
  xid: { mask: 0xef, value: 0xaf },
  frmr: { mask: 0xef, value: 0x87 },
};

/** Bits of the first byte of an 802.11 frame. */
export const WLAN_TYPES: Readonly<Record<string, number>> = {
  data: 0x08,
  mgt: 0x00,
  management: 0x00,
  ctl: 0x04,
  control: 0x04,
};

export const WLAN_SUBTYPES: readonly { readonly type: number; readonly subtypes: Readonly<Record<string, number>> }[] =
  [
    {
      type: 0x00,
      subtypes: {
        assocreq: 0x00,
        'assoc-req': 0x00,
        assocresp: 0x10,
        'assoc-resp': 0x10,
        reassocreq: 0x20,
        'reassoc-req': 0x20,
        reassocresp: 0x30,
        'reassoc-resp': 0x30,
        probereq: 0x40,
        'probe-req': 0x40,
        proberesp: 0x50,
        'probe-resp': 0x50,
        beacon: 0x80,
        atim: 0x90,
        disassoc: 0xa0,
        disassociation: 0xa0,
        auth: 0xb0,
        authentication: 0xb0,
        deauth: 0xc0,
        deauthentication: 0xc0,
      },
    },
    {
      type: 0x04,
      subtypes: {
        bar: 0x80,
        ba: 0x90,
        'ps-poll': 0xa0,
        rts: 0xb0,
        cts: 0xc0,
        ack: 0xd0,
        'cf-end': 0xe0,
        'cf-end-ack': 0xf0,
      },
    },
    {
      type: 0x08,
      subtypes: {
        data: 0x00,
        'data-cf-ack': 0x10,
        'data-cf-poll': 0x20,
        'data-cf-ack-poll': 0x30,
        null: 0x40,
        'cf-ack': 0x50,
        'cf-poll': 0x60,
        'cf-ack-poll': 0x70,
        'qos-data': 0x80,
        'qos-data-cf-ack': 0x90,
        'qos-data-cf-poll': 0xa0,
        'qos-data-cf-ack-poll': 0xb0,
        qos: 0xc0,
        'qos-cf-poll': 0xe0,
        'qos-cf-ack-poll': 0xf0,
      },
    },
  ];

/** Direction bits of the second byte of an 802.11 frame. */
export const WLAN_DIRECTIONS: Readonly<Record<string, number>> = { nods: 0, tods: 1, fromds: 2, dstods: 3 };
