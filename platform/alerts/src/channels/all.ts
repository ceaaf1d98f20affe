/** Every channel there is. A new one is a folder beside this file and a line here. */
import type { Channel } from './channel.ts';
import { desktopChannel } from './desktop/channel.ts';
import { email } from './email/channel.ts';
import { scriptChannel } from './script/channel.ts';
import { webhook } from './webhook/channel.ts';

export interface ScriptsConfig {
  readonly allowed: readonly string[];
  /** `uid` or `uid:gid`. */
  readonly user?: string;
}

export function channelsOf(scripts: ScriptsConfig): ReadonlyMap<string, Channel> {
  const [uid, gid] = (scripts.user ?? '')
    .split(':')
    .filter((part) => part !== '')
    .map(Number);
  const user = uid === undefined ? {} : { uid, gid: gid ?? uid };
  const channels = [
    email,
    webhook,
    scriptChannel({ allowed: scripts.allowed, ...user }),
    desktopChannel({ env: process.env }),
  ];
  return new Map(channels.map((channel) => [channel.name, channel]));
}
