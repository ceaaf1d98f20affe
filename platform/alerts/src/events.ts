/** Event classes of the alerts pipeline. @see https://schema.ocsf.io/ */
import type { EventClass } from '@undercroft/kernel';

export const alertsEvents: readonly EventClass[] = [
  {
    name: 'incident_finding',
    uid: 2005,
    summary: 'A problem was opened, has changed, or was closed.',
    attributes: {
      'finding_info.uid': 'string',
      'finding_info.title': 'string',
      'finding_info.desc': 'string',
      'finding_info.analytic.uid': 'string',
      'finding_info.analytic.name': 'string',
      'finding_info.created_time': 'time',
      status: 'string',
      status_detail: 'string',
      state: 'string',
      hard: 'bool',
      attempt: 'int32',
      subject: 'string',
      transition: 'string',
    },
  },
];
