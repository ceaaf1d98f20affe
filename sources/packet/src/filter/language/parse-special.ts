/** Primitives that are not words and an id: protocols alone, lengths, tags, frame types. */
import { meaningError, unsupported } from './error.ts';
import type { Token } from './lexer.ts';
import {
  FOREIGN_WORDS,
  LLC_FRAMES,
  lookUp,
  PROTOCOL_WORDS,
  WLAN_DIRECTIONS,
  WLAN_SUBTYPES,
  WLAN_TYPES,
} from './names.ts';
import type { TokenReader } from './reader.ts';
import type { Encapsulation, Primitive } from './syntax.ts';

const ENCAPSULATIONS = new Set(['vlan', 'mpls', 'pppoes', 'geneve', 'vxlan']);
const TYPE_MASK = 0x0c;
const SUBTYPE_MASK = 0xf0;
const DIRECTION_MASK = 0x03;

export function parseSpecial(reader: TokenReader): Primitive {
  const token = reader.peek();
  if (token.kind !== 'keyword') throw reader.unexpected('a primitive such as "tcp", "host 10.0.0.1" or "port 80"');
  if (PROTOCOL_WORDS.has(token.text)) return parseProtocol(reader);
  return parseUnqualified(reader, null);
}

function parseProtocol(reader: TokenReader): Primitive {
  const { text: name, position } = reader.take();
  const next = reader.peek();
  if (next.kind === 'keyword') {
    if (next.text === 'broadcast' || next.text === 'multicast') return parseUnqualified(reader, name);
    if (next.text === 'type' || next.text === 'subtype' || next.text === 'dir') return parseUnqualified(reader, name);
  }
  return { kind: 'protocol', name, position };
}

function parseUnqualified(reader: TokenReader, protocol: string | null): Primitive {
  const token = reader.peek();
  const { text, position } = token;
  switch (text) {
    case 'broadcast':
    case 'multicast':
      reader.take();
      return { kind: 'cast', cast: text, protocol, position };
    case 'less':
    case 'greater':
      reader.take();
      return { kind: text, value: reader.number('a length').value };
    case 'byte':
      reader.take();
      return parseByte(reader, position);
    case 'inbound':
    case 'outbound':
      reader.take();
      return { kind: 'travel', outbound: text === 'outbound', position };
    case 'ifindex':
      reader.take();
      return { kind: 'interface', index: reader.number("the interface's number").value, position };
    case 'pppoed':
      reader.take();
      return { kind: 'pppoed', position };
    case 'type':
    case 'subtype':
    case 'dir':
      reader.take();
      return parseWlan(reader, token);
    case 'llc':
      reader.take();
      return parseLlc(reader, position);
  }
  if (ENCAPSULATIONS.has(text)) {
    reader.take();
    return { kind: 'encapsulation', name: text as Encapsulation, value: optionalNumber(reader), position };
  }
  const foreign = FOREIGN_WORDS.get(text);
  if (foreign !== undefined) throw unsupported(`"${text}" belongs to ${foreign}, which is not supported.`, position);
  throw reader.unexpected('a primitive such as "tcp", "host 10.0.0.1" or "port 80"');
}

/** A number, perhaps in parentheses; nothing is taken where there is none. */
function optionalNumber(reader: TokenReader): number | null {
  let open = 0;
  while (reader.is('(', open)) open += 1;
  if (reader.peek(open).kind !== 'number') return null;
  for (let index = 0; index < open; index += 1) reader.take();
  const { value } = reader.take();
  for (let index = 0; index < open; index += 1) reader.expect(')', 'after the number');
  return value;
}

function parseByte(reader: TokenReader, position: number): Primitive {
  const offset = reader.number('the offset of the byte').value;
  const operator = reader.peek().text;
  if (!(operator === '=' || operator === '<' || operator === '>' || operator === '&' || operator === '|')) {
    throw reader.unexpected('one of = < > & |');
  }
  reader.take();
  return { kind: 'byte', offset, operator, value: reader.number('a value from 0 to 255').value, position };
}

function parseLlc(reader: TokenReader, position: number): Primitive {
  if (reader.accept('rnr')) return { kind: 'llc', frame: 'rnr', position };
  if (reader.peek().kind !== 'name') return { kind: 'llc', frame: null, position };
  const token = reader.take();
  const frame = token.text.toLowerCase();
  if (frame !== 'i' && lookUp(LLC_FRAMES, frame) === undefined) {
    throw unknown(token, 'LLC frame', ['i', ...Object.keys(LLC_FRAMES)]);
  }
  return { kind: 'llc', frame, position };
}

function parseWlan(reader: TokenReader, word: Token): Primitive {
  const { position } = word;
  if (word.text === 'dir') {
    const value = numberOrName(reader, DIRECTION_MASK, WLAN_DIRECTIONS, 'direction');
    return { kind: 'wlan', byte: 1, mask: DIRECTION_MASK, value, position };
  }
  if (word.text === 'type') {
    const type = numberOrName(reader, TYPE_MASK, WLAN_TYPES, 'frame type');
    if (!reader.accept('subtype')) return { kind: 'wlan', byte: 0, mask: TYPE_MASK, value: type, position };
    const names = WLAN_SUBTYPES.find((each) => each.type === type)?.subtypes ?? {};
    const subtype = numberOrName(reader, SUBTYPE_MASK, names, 'subtype of this frame type');
    return { kind: 'wlan', byte: 0, mask: TYPE_MASK | SUBTYPE_MASK, value: type | subtype, position };
  }
  const token = reader.peek();
  if (token.kind !== 'name') throw reader.unexpected('the name of an 802.11 subtype');
  reader.take();
  for (const { type, subtypes } of WLAN_SUBTYPES) {
    const subtype = lookUp(subtypes, token.text.toLowerCase());
    if (subtype === undefined) continue;
    return { kind: 'wlan', byte: 0, mask: TYPE_MASK | SUBTYPE_MASK, value: type | subtype, position };
  }
  throw unknown(
    token,
    '802.11 subtype',
    WLAN_SUBTYPES.flatMap(({ subtypes }) => Object.keys(subtypes)),
  );
}

function numberOrName(
  reader: TokenReader,
  mask: number,
  names: Readonly<Record<string, number>>,
  what: string,
): number {
  const token = reader.peek();
  if (token.kind === 'number') {
    reader.take();
    if ((token.value & ~mask) !== 0) {
      throw meaningError(
        `${token.value} is no 802.11 ${what}: only the bits 0x${mask.toString(16)} count.`,
        token.position,
      );
    }
    return token.value;
  }
  if (token.kind !== 'name') throw reader.unexpected(`an 802.11 ${what}`);
  reader.take();
  const value = lookUp(names, token.text.toLowerCase());
  if (value === undefined) throw unknown(token, `802.11 ${what}`, Object.keys(names));
  return value;
}

function unknown(token: Token, what: string, known: readonly string[]) {
  return meaningError(`${JSON.stringify(token.text)} is no ${what}.`, token.position, `Known are ${known.join(', ')}.`);
}
