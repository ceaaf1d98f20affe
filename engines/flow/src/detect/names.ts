/** Names of the detectors, as the configuration says them. */
export const DETECTOR_NAMES = [
  'scan',
  'beacon',
  'exfiltration',
  'long-connection',
  'failures',
  'dns-tunnel',
  'wrong-port',
  'lateral-movement',
  'first-contact',
] as const;
export type DetectorName = (typeof DETECTOR_NAMES)[number];
