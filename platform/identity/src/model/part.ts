/** What every part of this module works with. */
import type { Clock, ControlStore, Log } from '@undercroft/kernel';
import type { Keyring } from '../keys/keyring.ts';

export interface Parts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly log: Log;
  readonly changes: Changes;
}

/** Tells caches that who may do what has changed. */
export class Changes {
  private readonly listeners: (() => void)[] = [];

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  announce(): void {
    for (const listener of this.listeners) listener();
  }
}
