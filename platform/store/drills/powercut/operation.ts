/** What a process did to files, in the order in which the kernel answered. Paths are absolute. */
export type Operation =
  | { readonly kind: 'create'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly offset: number | 'end'; readonly data: Uint8Array }
  | {
      readonly kind: 'copy';
      readonly from: string;
      readonly fromOffset: number;
      readonly path: string;
      readonly offset: number;
      readonly sizeBytes: number;
    }
  | { readonly kind: 'truncate'; readonly path: string; readonly sizeBytes: number }
  /** Space set aside: the file is at least this long from now on. */
  | { readonly kind: 'extend'; readonly path: string; readonly sizeBytes: number }
  /**
   * An fsync or fdatasync that has come back. It covers what was done to that file or folder before operation
   * `begin`: those that were under way while it ran may have missed it.
   */
  | { readonly kind: 'sync'; readonly path: string; readonly begin: number }
  | { readonly kind: 'mkdir'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'link'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  /** The traced program wrote this to its standard output: what it promised to the outside. */
  | { readonly kind: 'say'; readonly text: string };
