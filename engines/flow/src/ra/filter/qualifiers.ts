/** What a value in a filter is of: `tcp src port` 80. A bare value takes those of the one before. */
export type Direction = 'default' | 'src' | 'dst' | 'or' | 'and';

export interface Qualifiers {
  /** '' for any. */
  readonly protocol: string;
  readonly direction: Direction;
  /** 'default', a word before an address, or the meaning of a word before a value; '' for nothing yet. */
  readonly of: string;
}

export const NO_QUALIFIERS: Qualifiers = { protocol: '', direction: 'default', of: '' };
