/** What a channel is: one way to reach a person or a program. Each is a folder here, with the same files. */
import type { TObject } from 'typebox';
import type { Message } from '../engine/message.ts';

/** Settings as a contact has them, checked against the schema, secrets filled in. */
export type ChannelSettings = Readonly<Record<string, unknown>>;

export interface SendOptions {
  readonly signal: AbortSignal;
}

export interface Channel {
  readonly name: string;
  readonly summary: string;
  readonly settings: TObject;
  /** Settings that are kept encrypted and never given out. */
  readonly secrets: readonly string[];
  /** Why it cannot be used on this machine now; undefined when it can. */
  unavailable(): string | undefined;
  /**
   * Resolves once the other side has taken it.
   *
   * @throws ChannelError
   */
  send(message: Message, settings: ChannelSettings, options: SendOptions): Promise<void>;
}

/** A message was not taken. */
export class ChannelError extends Error {
  /** Trying again will not help: the other side has refused it for good. */
  readonly final: boolean;

  constructor(message: string, options: { final?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ChannelError';
    this.final = options.final ?? false;
  }
}
