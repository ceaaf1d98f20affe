/** Bounds of what one exporter may make us keep: a flood of templates or sources costs no more than this. */

/** Source ids or observation domains of one exporter; the one silent for longest makes room. */
export const MAX_DOMAINS = 64;
export const MAX_TEMPLATES = 512;
export const MAX_TEMPLATE_FIELDS = 512;
/** Fields of all templates of one domain. */
export const MAX_DOMAIN_FIELDS = 16_384;
export const MAX_SAMPLERS = 256;
/** Data sets of one domain that wait for their template. */
export const MAX_HELD_SETS = 64;
export const MAX_HELD_BYTES = 131_072;
/** A step of the sequence number larger than this is a restart, not a loss. */
export const MAX_SEQUENCE_STEP = 1_000_000;
/** A step back no larger than this is a message that came late; a larger one is a restart. */
export const MAX_LATE = 1_000;
/** The longest message that UDP or the length field of IPFIX can hold. */
export const MAX_MESSAGE_BYTES = 65_535;
