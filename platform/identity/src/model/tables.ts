/** Tables of this module. The tenant is part of every key. Times are microseconds; lists and maps are JSON text. */
import type { Generated } from 'kysely';

export interface IdentityTables {
  identity_meta: MetaTable;
  identity_tenant: TenantTable;
  identity_entity: EntityTable;
  identity_alias: AliasTable;
  identity_group: GroupTable;
  identity_group_entity: GroupEntityTable;
  identity_group_group: GroupGroupTable;
  identity_policy: PolicyTable;
  identity_user: UserTable;
  identity_totp: TotpTable;
  identity_recovery_code: RecoveryCodeTable;
  identity_token: TokenTable;
  identity_session: SessionTable;
  identity_lock: LockTable;
  identity_link: LinkTable;
}

interface MetaTable {
  key: string;
  value: string;
}

interface TenantTable {
  id: string;
  title: string;
  created_us: number;
}

interface EntityTable {
  tenant: string;
  id: string;
  name: string;
  policies: string;
  metadata: string;
  disabled: Generated<number>;
  created_us: number;
  updated_us: number;
}

interface AliasTable {
  tenant: string;
  id: string;
  mount: string;
  name: string;
  entity_id: string;
  metadata: string;
  created_us: number;
}

interface GroupTable {
  tenant: string;
  id: string;
  name: string;
  policies: string;
  metadata: string;
  created_us: number;
  updated_us: number;
}

interface GroupEntityTable {
  tenant: string;
  group_id: string;
  entity_id: string;
}

/** `child_id` is a member of `group_id`. */
interface GroupGroupTable {
  tenant: string;
  group_id: string;
  child_id: string;
}

interface PolicyTable {
  tenant: string;
  name: string;
  text: string;
  created_us: number;
  updated_us: number;
}

interface UserTable {
  tenant: string;
  name: string;
  entity_id: string;
  /** PHC string: algorithm, parameters, salt and hash. */
  password: string;
  password_changed_us: number;
  signed_in_us: number | null;
  created_us: number;
}

interface TotpTable {
  tenant: string;
  entity_id: string;
  /** AES-256-GCM under the boot key. */
  secret: string;
  confirmed: Generated<number>;
  /** The step of the last code taken: none is taken twice. */
  last_step: Generated<number>;
  created_us: number;
}

interface RecoveryCodeTable {
  tenant: string;
  entity_id: string;
  hash: string;
}

interface TokenTable {
  tenant: string;
  /** Keyed hash of the token. */
  hash: string;
  accessor: string;
  parent: string | null;
  entity_id: string;
  name: string;
  /** JSON list, or null: the policies of the entity, whatever they are. */
  policies: string | null;
  ttl_us: number | null;
  max_expires_us: number | null;
  expires_us: number | null;
  renewable: number;
  uses_left: number | null;
  created_us: number;
  last_used_us: number | null;
}

interface SessionTable {
  tenant: string;
  /** Keyed hash of the cookie. */
  hash: string;
  /** Names the session in lists and logs. */
  id: string;
  entity_id: string;
  ip: string;
  user_agent: string;
  created_us: number;
  last_used_us: number;
  expires_us: number;
}

interface LockTable {
  tenant: string;
  /** `user:<name>` or `user-ip:<name> <ip>`. */
  subject: string;
  failures: number;
  last_failure_us: number;
  locked_until_us: number;
}

interface LinkTable {
  tenant: string;
  hash: string;
  first_run: number;
  created_us: number;
  expires_us: number;
}
