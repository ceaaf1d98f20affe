/** What is remembered to find a typist's packets in a TCP flow: a block of its own. */

/** u32 packets with data or not, u32 keystrokes of the record, i32 number of the packet of the last keystroke. */
export const KEYSTROKES_PACKETS = 0;
export const KEYSTROKES_STROKES = 4;
export const KEYSTROKES_LAST_PACKET = 8;
/** i64 microseconds of the last keystroke, from client and server. */
export const KEYSTROKES_CLIENT_TIME = 16;
export const KEYSTROKES_SERVER_TIME = 24;
/** Candidates: client packets that the server has not answered. */
export const KEYSTROKES_CANDIDATES = 32;
export const CANDIDATES: u32 = 8;
export const CANDIDATE_BYTES: u32 = 32;
/** u32 1: a keystroke when the next is one; i32 number of the packet (0: free), u32 sequence number behind it. */
export const CANDIDATE_TENTATIVE = 0;
export const CANDIDATE_PACKET = 4;
export const CANDIDATE_SEQUENCE = 8;
/** i64 microseconds: when, and since the last keystroke. */
export const CANDIDATE_TIME = 16;
export const CANDIDATE_INTERVAL = 24;
