/**
 * Event classes for tests and drills, as wide as the real ones. Names, uids and attribute names are OCSF's
 * (https://schema.ocsf.io), objects flattened with dots.
 */
import type { EventClass, EventColumnType } from '@undercroft/kernel';
import { BASE_EVENT } from '../events/classes.ts';

type Attributes = Readonly<Record<string, EventColumnType>>;

const STATUS: Attributes = { status: 'string', status_code: 'string', status_detail: 'string' };
const ACTOR: Attributes = {
  'actor.user.name': 'string',
  'actor.user.uid': 'string',
  'actor.session.uid': 'string',
  'actor.app_name': 'string',
};
const REQUEST: Attributes = {
  'src_endpoint.ip': 'string',
  'src_endpoint.port': 'uint16',
  'http_request.http_method': 'string',
  'http_request.url.path': 'string',
  'http_request.user_agent': 'string',
  'http_request.uid': 'string',
  'http_response.code': 'int32',
};
const DEVICE: Attributes = {
  'device.uid': 'string',
  'device.name': 'string',
  'device.hostname': 'string',
  'device.ip': 'string',
  'device.type': 'string',
};
const FINDING: Attributes = {
  'finding_info.uid': 'string',
  'finding_info.title': 'string',
  'finding_info.desc': 'string',
  'finding_info.types': 'json',
  'finding_info.first_seen_time': 'time',
  'finding_info.last_seen_time': 'time',
};

export const TEST_EVENT_CLASSES: readonly EventClass[] = [
  BASE_EVENT,
  {
    name: 'account_change',
    uid: 3001,
    summary: 'A user was made, changed, locked or removed',
    attributes: {
      ...STATUS,
      ...ACTOR,
      ...REQUEST,
      'user.name': 'string',
      'user.uid': 'string',
      'policy.name': 'string',
    },
  },
  {
    name: 'authentication',
    uid: 3002,
    summary: 'Somebody signed in or out, or tried to',
    attributes: {
      ...STATUS,
      ...ACTOR,
      ...REQUEST,
      'user.name': 'string',
      'user.uid': 'string',
      auth_protocol: 'string',
      is_mfa: 'bool',
      is_remote: 'bool',
      logon_type: 'string',
      'session.uid': 'string',
      'service.name': 'string',
    },
  },
  {
    name: 'entity_management',
    uid: 3004,
    summary: 'Something that is managed was made, changed or removed',
    attributes: {
      ...STATUS,
      ...ACTOR,
      ...REQUEST,
      'entity.name': 'string',
      'entity.type': 'string',
      'entity.uid': 'string',
      'entity.data': 'json',
      'entity_result.data': 'json',
      comment: 'string',
    },
  },
  {
    name: 'detection_finding',
    uid: 2004,
    summary: 'A rule or a correlation found something',
    attributes: {
      ...STATUS,
      ...FINDING,
      ...DEVICE,
      confidence_score: 'int32',
      risk_score: 'int32',
      is_alert: 'bool',
      evidences: 'json',
      comment: 'string',
    },
  },
  {
    name: 'incident_finding',
    uid: 2005,
    summary: 'A problem opened, changed or closed',
    attributes: {
      ...STATUS,
      ...FINDING,
      finding_info_list: 'json',
      desc: 'string',
      comment: 'string',
      'assignee.name': 'string',
      priority: 'string',
      verdict: 'string',
      src_url: 'string',
      start_time: 'time',
      end_time: 'time',
    },
  },
  {
    name: 'device_inventory_info',
    uid: 5001,
    summary: 'An asset was found, seen or changed',
    attributes: {
      ...ACTOR,
      ...DEVICE,
      'device.os.name': 'string',
      'device.mac': 'string',
      'device.vendor_name': 'string',
    },
  },
  {
    name: 'device_config_state_change',
    uid: 5019,
    summary: 'A change of state that touches the security of a device',
    attributes: {
      ...ACTOR,
      ...DEVICE,
      state: 'string',
      prev_security_level: 'string',
      security_level: 'string',
      security_states: 'json',
    },
  },
  {
    name: 'application_lifecycle',
    uid: 6002,
    summary: 'A part of the platform or an application started, stopped or changed',
    attributes: { ...STATUS, 'app.name': 'string', 'app.uid': 'string', 'app.version': 'string' },
  },
  {
    name: 'api_activity',
    uid: 6003,
    summary: 'A call to the API that changed something, read a secret or was refused',
    attributes: {
      ...STATUS,
      ...ACTOR,
      ...REQUEST,
      'api.operation': 'string',
      'api.service.name': 'string',
      'api.version': 'string',
      'api.request.uid': 'string',
      'api.response.code': 'int32',
      'api.response.error': 'string',
      resources: 'json',
    },
  },
  {
    name: 'scan_activity',
    uid: 6007,
    summary: 'A scan began or ended',
    attributes: {
      ...STATUS,
      'scan.uid': 'string',
      'scan.name': 'string',
      'scan.type': 'string',
      command_uid: 'string',
      schedule_uid: 'string',
      num_detections: 'int64',
      num_network_items: 'int64',
      total: 'int64',
      duration: 'int64',
      start_time: 'time',
      end_time: 'time',
    },
  },
];
