/** What a caller may ask of the decoder: bits. Compiled by both worlds: plain numbers only. */

/** Judge checksums. */
export const DECODE_CHECKSUMS = 1 << 0;

// Tunnels that are not entered: what they carry stays the payload of the packet around them.
/** 4in4, 6in4, 4in6, 6in6. */
export const STOP_AT_IP_IN_IP = 1 << 1;
export const STOP_AT_GRE = 1 << 2;
export const STOP_AT_ERSPAN_1 = 1 << 3;
export const STOP_AT_ERSPAN_2 = 1 << 4;
export const STOP_AT_ERSPAN_3 = 1 << 5;
export const STOP_AT_VXLAN = 1 << 6;
export const STOP_AT_GENEVE = 1 << 7;
export const STOP_AT_GTP = 1 << 8;
export const STOP_AT_TEREDO = 1 << 9;
export const STOP_AT_L2TP = 1 << 10;
export const STOP_AT_TUNNELS = 2046;
