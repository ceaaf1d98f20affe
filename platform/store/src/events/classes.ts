/** The class of whatever has none, and which classes are audit. Every module declares its own classes. */
import type { EventClass } from '@undercroft/kernel';

export const BASE_EVENT: EventClass = {
  name: 'base_event',
  uid: 0,
  summary: 'Anything that has no class of its own',
  attributes: {
    status: 'string',
    status_code: 'string',
    status_detail: 'string',
    type_name: 'string',
    raw_data: 'string',
  },
};

/** Classes that are kept as long as audit must be: who did what. OCSF's category 3 and calls of the API. */
export function isAuditClass(eventClass: EventClass): boolean {
  return (eventClass.uid >= 3000 && eventClass.uid < 4000) || eventClass.name === 'api_activity';
}
