/** Versions of QUIC whose first packets anyone can open: salts and labels that the specifications publish. */

export interface QuicVersion {
  readonly number: number;
  readonly salt: Uint8Array;
  /** Of keys: `quic`, `quicv2`. */
  readonly label: string;
  /** Type bits of an Initial packet. */
  readonly initialType: number;
}

const DRAFT_23_SALT = hexBytes('c3eef712c72ebb5a11a7d2432bb46365bef9f502');
const DRAFT_29_SALT = hexBytes('afbfec289993d24c9e9786f19c6111e04390a899');
/** RFC 9001, section 5.2. */
const V1: QuicVersion = {
  number: 1,
  salt: hexBytes('38762cf7f55934b34d179ae6a4c80cadccbb7f0a'),
  label: 'quic',
  initialType: 0,
};
/** RFC 9369, section 3.3. */
const V2: QuicVersion = {
  number: 0x6b3343cf,
  salt: hexBytes('0dede3def700a6db819381be6e269dcbf9bd2ed9'),
  label: 'quicv2',
  initialType: 1,
};

/** @returns undefined for versions whose keys are not known */
export function quicVersion(number: number): QuicVersion | undefined {
  if (number === V1.number) return V1;
  if (number === V2.number) return V2;
  if (number >= 0xff000017 && number <= 0xff00001c) return { ...V1, number, salt: DRAFT_23_SALT };
  if (number >= 0xff00001d && number <= 0xff000020) return { ...V1, number, salt: DRAFT_29_SALT };
  // The last drafts have the keys of version 1.
  if (number === 0xff000021 || number === 0xff000022) return { ...V1, number };
  return undefined;
}

/** Is it a version that some QUIC has or had: a standard's, a draft's, Google's, Facebook's, one that is to be refused? */
export function isQuicVersion(number: number): boolean {
  if (number === V1.number || number === V2.number) return true;
  const head = number >>> 8;
  if (head === 0xff0000) return true;
  // Q and T with three digits.
  if (number >>> 24 === 0x51 || number >>> 24 === 0x54) {
    return [16, 8, 0].every((shift) => ((number >>> shift) & 0xff) >= 0x30 && ((number >>> shift) & 0xff) <= 0x39);
  }
  return head === 0xfaceb0 || (number & 0x0f0f0f0f) === 0x0a0a0a0a;
}

function hexBytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}
