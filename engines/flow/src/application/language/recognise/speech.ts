/** What has been said in a flow so far. */

/** Of TCP: the first bytes of each side, in order. Either may be empty. */
export interface Speech {
  /** Of who opened the connection. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** One datagram. */
export interface Datagram {
  readonly bytes: Uint8Array;
  /** By the headers: more than `bytes` where the capture was cut. */
  readonly wireBytes: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly isAnswer: boolean;
}

/** @returns a name in lower case; null where it is not its protocol, or not yet to be told */
export type StreamRecogniser = (speech: Speech) => string | null;
export type DatagramRecogniser = (datagram: Datagram) => string | null;

export function hasPort(
  speech: { readonly sourcePort: number; readonly destinationPort: number },
  port: number,
): boolean {
  return speech.destinationPort === port || speech.sourcePort === port;
}
