/** What the parser makes of a filter expression. Positions are indexes into the expression. */

export type AddressType = 'host' | 'net' | 'port' | 'portrange' | 'proto' | 'protochain' | 'gateway';
export type Direction = 'src' | 'dst' | 'or' | 'and' | 'ra' | 'ta' | 'addr1' | 'addr2' | 'addr3' | 'addr4';

/** The words before an id; null is a word not given. */
export interface Qualifier {
  readonly protocol: string | null;
  readonly direction: Direction | null;
  readonly type: AddressType | null;
}

export type Identifier =
  | { readonly kind: 'number'; readonly value: number; readonly position: number }
  | { readonly kind: 'name' | 'mac'; readonly text: string; readonly position: number }
  | {
      readonly kind: 'ipv4';
      readonly text: string;
      readonly prefix: number | null;
      readonly mask: string | null;
      readonly position: number;
    }
  | { readonly kind: 'ipv6'; readonly text: string; readonly prefix: number | null; readonly position: number };

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>';
export type Relation = '=' | '!=' | '<' | '>' | '<=' | '>=';

export type Arithmetic =
  | { readonly kind: 'number'; readonly value: number; readonly position: number }
  | { readonly kind: 'length' }
  | {
      readonly kind: 'load';
      readonly protocol: string;
      readonly offset: Arithmetic;
      readonly size: 1 | 2 | 4;
      readonly position: number;
    }
  | {
      readonly kind: 'operation';
      readonly operator: ArithmeticOperator;
      readonly left: Arithmetic;
      readonly right: Arithmetic;
      readonly position: number;
    }
  | { readonly kind: 'negate'; readonly of: Arithmetic };

/** Headers that, once asked for, shift all later offsets. */
export type Encapsulation = 'vlan' | 'mpls' | 'pppoes' | 'geneve' | 'vxlan';

export type Primitive =
  | { readonly kind: 'id'; readonly qualifier: Qualifier; readonly id: Identifier; readonly position: number }
  | { readonly kind: 'protocol'; readonly name: string; readonly position: number }
  | {
      readonly kind: 'relation';
      readonly relation: Relation;
      readonly left: Arithmetic;
      readonly right: Arithmetic;
      readonly position: number;
    }
  | {
      readonly kind: 'cast';
      readonly cast: 'broadcast' | 'multicast';
      readonly protocol: string | null;
      readonly position: number;
    }
  | { readonly kind: 'less' | 'greater'; readonly value: number }
  | {
      readonly kind: 'byte';
      readonly offset: number;
      readonly operator: '=' | '<' | '>' | '&' | '|';
      readonly value: number;
      readonly position: number;
    }
  | { readonly kind: 'travel'; readonly outbound: boolean; readonly position: number }
  | { readonly kind: 'interface'; readonly index: number; readonly position: number }
  | {
      readonly kind: 'encapsulation';
      readonly name: Encapsulation;
      /** VLAN, label, session or network identifier; null is any. */
      readonly value: number | null;
      readonly position: number;
    }
  | { readonly kind: 'pppoed'; readonly position: number }
  /** Byte 0 or 1 of an 802.11 frame under a mask. */
  | {
      readonly kind: 'wlan';
      readonly byte: 0 | 1;
      readonly mask: number;
      readonly value: number;
      readonly position: number;
    }
  | { readonly kind: 'llc'; readonly frame: string | null; readonly position: number };

export type Expression =
  | Primitive
  | { readonly kind: 'not'; readonly of: Expression }
  /** Left to right, `and` and `or` binding equally. */
  | {
      readonly kind: 'chain';
      readonly first: Expression;
      readonly rest: readonly { readonly operator: 'and' | 'or'; readonly term: Expression }[];
    };
