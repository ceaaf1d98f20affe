/** What the letters of a flow record mean: its state, its flags, its direction, why it was written. Pure. */

/** Protocols whose beginning is seen by their own signs. */
const TCP = 'tcp';

const TCP_STATES: Readonly<Record<string, string>> = {
  REQ: 'A connection was asked for, and nobody answered.',
  ACC: 'A connection was asked for and accepted, and not yet confirmed.',
  CON: 'The connection is established and goes on.',
  FIN: 'The connection is being closed, or was, in good order.',
  RST: 'The connection was reset.',
  CLO: 'Closed: only its end was seen, or its answer before its question; the ends are then turned round.',
  TIM: 'Forgotten: nothing was said for so long that the flow was given up.',
  INT: 'Only one side was seen.',
};
const TALK_STATES: Readonly<Record<string, string>> = {
  CON: 'Both sides spoke.',
  INT: 'One side spoke for the first time, and had no answer yet.',
  REQ: 'One side goes on to speak, and has no answer.',
  RSP: 'Only the answering side was heard.',
  ERR: 'The record was made because of an error.',
};
const ICMP_STATES: Readonly<Record<string, string>> = {
  ECO: 'Echo request (ping).',
  ECR: 'Echo reply.',
  URN: 'Network unreachable.',
  URH: 'Host unreachable.',
  URO: 'Protocol unreachable.',
  URP: 'Port unreachable.',
  URF: 'Too large, and may not be fragmented.',
  URS: 'Source route failed.',
  URFIL: 'Filtered by an administrator.',
  RED: 'Redirect to another gateway.',
  TXD: 'Time exceeded: too many hops.',
  TXT: 'Time exceeded: too many hops.',
  TXR: 'Time exceeded while fragments were put together.',
  SRC: 'Asked to send slower.',
  PAR: 'A parameter is wrong.',
  TST: 'Time stamp.',
  MAS: 'Asks for the network mask.',
  NRS: 'Looks for a router.',
  NRA: 'A router announces itself.',
  NNS: 'Looks for a neighbour.',
  NNA: 'A neighbour announces itself.',
  PTB: 'Packet too big.',
  MHR: 'Reports which groups it listens to.',
  URNR: 'No route.',
  URAD: 'Forbidden by an administrator.',
  URAR: 'Address unreachable.',
  URAP: 'Port unreachable.',
};

/** @returns '' for a word that is not known */
export function explainState(state: string, protocol: string): string {
  if (protocol === TCP) return TCP_STATES[state] ?? '';
  if (/icmp/.test(protocol)) {
    const said = ICMP_STATES[state];
    if (said !== undefined) return said;
    if (state.startsWith('UR')) return 'Unreachable.';
  }
  return TALK_STATES[state] ?? '';
}

export interface FlagMeaning {
  readonly letter: string;
  readonly text: string;
}

const ENCAPSULATIONS: Readonly<Record<string, string>> = {
  e: 'Ethernet',
  m: 'MPLS labels',
  v: 'VLAN tags',
  l: 'LLC framing',
  p: 'PPPoE',
  G: 'GRE tunnel',
  P: 'IP in IP',
  '6': 'IPv6 tunnel',
  a: 'authentication header',
  '*': 'several encapsulations',
  M: 'more than one pair of hardware addresses',
};

/** By the nine places of the column. */
const PLACES: readonly ((letter: string) => string)[] = [
  (letter) => (letter === 'N' ? 'Came from a NetFlow exporter.' : 'Its times were mended.'),
  (letter) => `Seen inside: ${ENCAPSULATIONS[letter] ?? `encapsulation ${letter}`}.`,
  (letter) =>
    `${{ U: 'Unreachable', R: 'Redirect', T: 'Time exceeded' }[letter] ?? 'ICMP'}: an ICMP message spoke of this flow.`,
  (letter) =>
    ({
      s: 'The source sent again what was lost.',
      d: 'The destination sent again what was lost.',
      '*': 'Both sent again what was lost.',
      g: 'Bytes are missing that were never seen.',
      i: 'Packets of the source came out of order.',
      r: 'Packets of the destination came out of order.',
      '&': 'Packets of both came out of order.',
    })[letter] ?? '',
  (letter) =>
    ({
      S: 'The source had no room left: it shut its window.',
      D: 'The destination had no room left: it shut its window.',
      '@': 'Both shut their windows.',
    })[letter] ?? '',
  (letter) =>
    ({
      x: 'The source was told of congestion.',
      t: 'The destination was told of congestion.',
      E: 'Both were told of congestion.',
    })[letter] ?? '',
  (letter) =>
    ({
      F: 'Fragments were seen.',
      f: 'These are fragments whose first one was not seen.',
      V: 'Fragments overlap: that is how one hides from a detector.',
    })[letter] ?? '',
  (letter) =>
    ({
      R: 'IP option: record route.',
      T: 'IP option: time stamp.',
      '+': 'IP option: security.',
      L: 'IP option: loose source route.',
      S: 'IP option: strict source route.',
      D: 'IP option: stream id.',
      A: 'IP option: router alert.',
      O: 'Several IP options.',
      U: 'An IP option that is not known.',
    })[letter] ?? '',
  () => 'Correlated with what another sensor saw.',
];

/** Each letter with its meaning, in the order of the column; a letter's place says what it is about. */
export function explainFlags(flags: string): readonly FlagMeaning[] {
  return [...flags.slice(0, PLACES.length)].flatMap((letter, place) => {
    if (letter === ' ') return [];
    const text = PLACES[place]?.(letter) ?? '';
    return [{ letter, text: text === '' ? `${letter}, which has no meaning here.` : text }];
  });
}

/** How it was decided who began. */
export function explainDirection(direction: string, protocol: string, source: string, destination: string): string {
  switch (direction) {
    case '->':
      return protocol === TCP
        ? `${source} began: the handshake was seen.`
        : `Only ${source} spoke. Whose packet came first is the source.`;
    case '<->':
      return `Both spoke; the first packet came from ${source}.`;
    case '<-':
      return `Only ${destination} spoke in this interval; the flow was begun by ${source}.`;
    case '?>':
      return `How it began was not seen, and only ${source} spoke: that it is the source is a guess.`;
    case '<?>':
      return `How it began was not seen: that ${source} is the source is a guess by whose packet came first.`;
    case '<?':
      return `How it began was not seen, and only ${destination} spoke: who is the source is a guess.`;
    case 'who':
      return `${source} asks who has ${destination}.`;
    default:
      return '';
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  start: 'The first record of its flow.',
  status: 'The flow goes on: a record of what came since the last one.',
  stop: 'The flow ended.',
  timeout: 'The flow was forgotten after a silence.',
  shutdown: 'Written because the sensor stopped.',
  error: 'Written because of an error.',
};

export function explainCause(cause: string): string {
  return CAUSES[cause] ?? '';
}
