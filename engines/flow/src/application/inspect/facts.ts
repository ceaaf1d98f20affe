/** What is known of a flow by what was said in it: values of the archive's columns. */

export interface FlowFacts {
  /** `tls`, `dns`, `ssh`, ...; null while it is not known. */
  readonly application: string | null;
  readonly serverName: string | null;
  /** Agreed upon, or, before the answer, the client's first wish. */
  readonly alpn: string | null;
  readonly tlsVersion: string | null;
  readonly ja3: string | null;
  readonly ja3s: string | null;
  readonly ja4: string | null;
  readonly hassh: string | null;
  readonly hasshServer: string | null;
  /** The server's first line, its version, what it calls itself. */
  readonly banner: string | null;
  /** Bits a byte of the first bytes of each direction: 0 to 8. */
  readonly entropyOut: number | null;
  readonly entropyIn: number | null;
}

/** The same while it is being found out. */
export type GrowingFacts = { -readonly [Name in keyof FlowFacts]: FlowFacts[Name] };

export function noFacts(): GrowingFacts {
  return {
    application: null,
    serverName: null,
    alpn: null,
    tlsVersion: null,
    ja3: null,
    ja3s: null,
    ja4: null,
    hassh: null,
    hasshServer: null,
    banner: null,
    entropyOut: null,
    entropyIn: null,
  };
}
