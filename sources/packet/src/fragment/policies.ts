/**
 * Whose bytes count where fragments overlap, by the names that Snort's frag3 gave. Compiled by both worlds: plain
 * numbers only.
 *
 * @see Novak: Target-Based Fragmentation Reassembly, 2005
 */

/** What came first. */
export const FRAGMENT_POLICY_FIRST = 0;
/** What came last. */
export const FRAGMENT_POLICY_LAST = 1;
/** What came first, unless it starts behind the newer. */
export const FRAGMENT_POLICY_BSD = 2;
/** The newer, unless it starts before the older (HP JetDirect). */
export const FRAGMENT_POLICY_BSD_RIGHT = 3;
/** What came first, if it starts before the newer. */
export const FRAGMENT_POLICY_LINUX = 4;
/** What came first, unless the newer reaches beyond it on both sides. */
export const FRAGMENT_POLICY_WINDOWS = 5;
/** What came first, unless the newer starts before it and ends with it or behind. */
export const FRAGMENT_POLICY_SOLARIS = 6;
