/** The audit trail: who did what with which result, durable before anybody is answered. */
import {
  type AuditEntry,
  type EventInput,
  type Events,
  type JsonValue,
  type Severity,
  UndercroftError,
} from '@undercroft/kernel';

/** A sign-in or its refusal. */
export interface SignInEntry {
  readonly tenant: string;
  readonly name: string;
  readonly entityId: string | undefined;
  readonly result: 'success' | 'failure';
  readonly detail: string;
  readonly ip: string;
  readonly requestId: string;
  readonly activity?: 'logon' | 'logoff';
}

const SEVERITY: Readonly<Record<AuditEntry['result'], Severity>> = {
  success: 'informational',
  failure: 'low',
  denied: 'medium',
};
const ACCOUNT_PATHS = /^sys\/undercroft\/(identity|session|welcome)(\/|$)/;
const PAST: Readonly<Record<AuditEntry['result'], string>> = {
  success: 'did',
  failure: 'failed at',
  denied: 'was refused',
};

export class AuditTrail {
  private readonly events: Events;
  private readonly defaultTenant: string;

  constructor(events: Events, defaultTenant: string) {
    this.events = events;
    this.defaultTenant = defaultTenant;
  }

  /** One request. @throws UndercroftError `identity.audit` (503) if it cannot be kept */
  async request(entry: AuditEntry): Promise<void> {
    const { principal, result } = entry;
    const who = principal === undefined ? 'Somebody not signed in' : principal.name;
    await this.append({
      class: isAccountChange(entry) ? 'account_change' : 'api_activity',
      activity: entry.capability,
      severity: SEVERITY[result],
      tenant: principal?.tenant ?? this.defaultTenant,
      message: `${who} ${PAST[result]} ${entry.action}${entry.detail === undefined ? '' : `: ${entry.detail}`}`,
      attributes: given({
        'actor.user.name': principal?.name,
        'actor.user.uid': principal?.entityId,
        'actor.session.uid': principal?.accessor,
        'api.operation': entry.action,
        'api.request.uid': entry.requestId,
        'resource.name': entry.path,
        'src_endpoint.ip': entry.ip,
        status: result === 'success' ? 'Success' : 'Failure',
        status_detail: entry.detail ?? (result === 'denied' ? 'denied' : undefined),
      }),
    });
  }

  /** @throws UndercroftError `identity.audit` (503) if it cannot be kept */
  async signIn(entry: SignInEntry): Promise<void> {
    const activity = entry.activity ?? 'logon';
    const verb = activity === 'logoff' ? 'signed out' : entry.result === 'success' ? 'signed in' : 'could not sign in';
    await this.append({
      class: 'authentication',
      activity,
      severity: SEVERITY[entry.result],
      tenant: entry.tenant,
      message: `${entry.name} ${verb} from ${entry.ip}: ${entry.detail}`,
      attributes: given({
        'user.name': entry.name,
        'user.uid': entry.entityId,
        'api.request.uid': entry.requestId,
        'src_endpoint.ip': entry.ip,
        status: entry.result === 'success' ? 'Success' : 'Failure',
        status_detail: entry.detail,
      }),
    });
  }

  private async append(event: EventInput): Promise<void> {
    try {
      await this.events.append(event);
    } catch (cause) {
      throw new UndercroftError('identity.audit', 'The audit trail cannot be written, so nothing is done.', {
        status: 503,
        fix: 'See the log of the event store; a full disk is the usual reason.',
        cause,
      });
    }
  }
}

function isAccountChange({ path, capability }: AuditEntry): boolean {
  return capability !== 'read' && capability !== 'list' && ACCOUNT_PATHS.test(path);
}

function given(fields: Readonly<Record<string, JsonValue | undefined>>): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, JsonValue] => field[1] !== undefined),
  );
}
