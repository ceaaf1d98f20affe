/** What can be followed, and which permission that takes. */
import { ACL_ROOT } from '../api/endpoint.ts';

export const MAX_TOPICS = 500;
export const TOPIC_PATTERN = '^[a-z][a-z0-9.-]{0,63}(:[^\\u0000-\\u0020\\u007f]{1,300})?$';

/** `metrics:host/system.cpu` is read with `sys/undercroft/metrics`. */
export function topicAclPath(topic: string): string {
  return ACL_ROOT + (topic.split(':', 1)[0] ?? topic);
}
