/** Exit codes, documented in docs/command-line.md. They are those of sysexits.h where it has one. */
export const EXIT = {
  ok: 0,
  /** The command ran and the answer is no, or something was not done. */
  failed: 1,
  /** The command line is wrong. */
  usage: 64,
  /** No server answers. */
  unavailable: 69,
  /** An error of ours. */
  internal: 70,
  /** Not signed in, or not allowed. */
  denied: 77,
  /** The configuration is wrong. */
  config: 78,
} as const;
