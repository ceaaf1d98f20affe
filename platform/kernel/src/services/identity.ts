import type { IncomingHttpHeaders } from 'node:http';

export type Capability = 'create' | 'read' | 'update' | 'patch' | 'delete' | 'list' | 'sudo' | 'deny';

/** Who makes a request. */
export interface Principal {
  readonly entityId: string;
  readonly name: string;
  readonly tenant: string;
  readonly policies: readonly string[];
  /** Accessor of the token or session, safe to log. */
  readonly accessor: string;
  readonly kind: 'session' | 'token';
  readonly owner: boolean;
}

export interface Identity {
  /** Reads bearer token, `X-Vault-Token` or session cookie. Undefined when there is none or it has ended. */
  authenticate(request: {
    readonly headers: IncomingHttpHeaders;
    readonly method: string;
    readonly ip: string;
    /** Only looks whether the credential still holds: does not count as its use. */
    readonly passive?: boolean;
  }): Promise<Principal | undefined>;
  /** May this principal do that on this path? Deny wins, Vault's priority rules. */
  allows(principal: Principal, path: string, capability: Capability): boolean;
  /** Refused until the event is durable; throws when it cannot be. */
  audit(entry: AuditEntry): Promise<void>;
  /** A one-time link for the owner: makes the account at the first run, signs in later. For the terminal of `up`. */
  signInLink(): Promise<SignInLink>;
}

export interface SignInLink {
  /** Below the listener's address: `/app/welcome#<code>`. */
  readonly path: string;
  readonly expiresUs: number;
  readonly firstRun: boolean;
}

/** What an audited request says of itself. Values of secrets only as keyed hashes. */
export interface AuditEntry {
  readonly principal?: Principal;
  readonly action: string;
  readonly path: string;
  readonly capability: Capability;
  readonly result: 'success' | 'failure' | 'denied';
  readonly ip?: string;
  readonly detail?: string;
  readonly requestId?: string;
}
