/**
 * Whose bytes count where queued segments overlap, by the names that Snort's stream preprocessor gave. What has been
 * delivered is never changed: the receiver has acknowledged it. Compiled by both worlds: plain numbers only.
 *
 * @see Novak, Sturges: Target-Based TCP Stream Reassembly, 2007
 */

/** What came first. Windows Vista and later are like it. */
export const STREAM_POLICY_FIRST = 0;
/** What came last. */
export const STREAM_POLICY_LAST = 1;
/** FreeBSD, OpenBSD, NetBSD, macOS, Windows until 2003. */
export const STREAM_POLICY_BSD = 2;
export const STREAM_POLICY_MACOS = STREAM_POLICY_BSD;
export const STREAM_POLICY_WINDOWS = STREAM_POLICY_BSD;
export const STREAM_POLICY_WINDOWS_2003 = STREAM_POLICY_BSD;
/** Linux 2.4 and later, HP-UX 10, IRIX. */
export const STREAM_POLICY_LINUX = 3;
export const STREAM_POLICY_HPUX_10 = STREAM_POLICY_LINUX;
export const STREAM_POLICY_IRIX = STREAM_POLICY_LINUX;
/** Linux 2.2 and before. */
export const STREAM_POLICY_OLD_LINUX = 4;
/** Solaris, HP-UX 11. */
export const STREAM_POLICY_SOLARIS = 5;
export const STREAM_POLICY_HPUX_11 = STREAM_POLICY_SOLARIS;
export const STREAM_POLICY_VISTA = STREAM_POLICY_FIRST;
