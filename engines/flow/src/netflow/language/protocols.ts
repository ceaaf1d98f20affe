/** Protocol numbers that these formats treat by themselves. */
export const ICMP = 1;
export const IGMP = 2;
export const TCP = 6;
export const UDP = 17;
export const SCTP = 132;
export const ICMPV6 = 58;
