/** Policies as stored, and the compiled access lists made of them. All of them are in memory, so that a check waits for nothing. */
import { badRequest, conflict, notFound, type Page, type PageRequest } from '@undercroft/kernel';
import type { Kysely } from 'kysely';
import { type PolicyRule, parsePolicy } from '../language/policy.ts';
import { Acl } from '../policy/acl.ts';
import { BUILTIN_POLICIES } from '../policy/builtin.ts';
import { fillTemplates, type TemplateIdentity } from '../policy/templates.ts';
import { keysetOf, pageOfRows } from './listing.ts';
import { checkName } from './names.ts';
import type { Parts } from './part.ts';
import type { IdentityTables } from './tables.ts';
import { requireTenant } from './tenants.ts';

/** Compiled access lists kept; the one unused for longest goes. */
const MAX_ACLS = 1000;
/** Expiring rules leave a compiled list no later than this after their time. */
const ACL_LIFE_US = 60_000_000;
/** Names that the API uses beside policies. */
const RESERVED = ['check', 'root'];

export interface StoredPolicy {
  readonly name: string;
  readonly text: string;
  readonly builtIn: boolean;
  readonly summary?: string;
  readonly rules: readonly PolicyRule[];
  readonly templated: boolean;
  readonly createdUs?: number;
  readonly updatedUs?: number;
}

type Db = Kysely<IdentityTables>;

export class Policies {
  private readonly parts: Parts;
  /** By tenant, then name. */
  private stored = new Map<string, Map<string, StoredPolicy>>();
  private readonly builtin: ReadonlyMap<string, StoredPolicy>;
  private readonly acls = new Map<string, { readonly acl: Acl; readonly untilUs: number }>();
  private fingerprint = '';

  constructor(parts: Parts) {
    this.parts = parts;
    this.builtin = new Map(
      Object.entries(BUILTIN_POLICIES).map(([name, { text, summary }]) => [
        name,
        { name, text, summary, builtIn: true, ...rulesOf(text, name) },
      ]),
    );
    parts.changes.onChange(() => this.acls.clear());
  }

  /** Reads what is stored, if it has changed. A stored text that no longer reads grants nothing and is logged. */
  async load(): Promise<void> {
    const rows = await this.db().selectFrom('identity_policy').selectAll().orderBy('tenant').orderBy('name').execute();
    const fingerprint = rows.map((row) => `${row.tenant} ${row.name} ${row.updated_us}`).join('\n');
    if (fingerprint === this.fingerprint) return;
    const stored = new Map<string, Map<string, StoredPolicy>>();
    for (const row of rows) {
      const policy = {
        name: row.name,
        text: row.text,
        builtIn: false,
        ...this.readRules(row.name, row.text),
        createdUs: row.created_us,
        updatedUs: row.updated_us,
      };
      stored.set(row.tenant, (stored.get(row.tenant) ?? new Map()).set(row.name, policy));
    }
    this.stored = stored;
    this.fingerprint = fingerprint;
    this.acls.clear();
  }

  find(tenant: string, name: string): StoredPolicy | undefined {
    return this.builtin.get(name) ?? this.stored.get(tenant)?.get(name);
  }

  /** @throws UndercroftError `not-found` */
  get(tenant: string, name: string): StoredPolicy {
    const policy = this.find(tenant, name);
    if (policy === undefined) throw notFound('policy', name);
    return policy;
  }

  list(tenant: string, page: PageRequest): Page<StoredPolicy> {
    const keyset = keysetOf(page, 'name');
    const sign = keyset.descending ? -1 : 1;
    const order = (a: string, b: string) => (a === b ? 0 : a < b ? -sign : sign);
    const all = [...this.builtin.values(), ...(this.stored.get(tenant)?.values() ?? [])]
      .sort((a, b) => order(a.name, b.name))
      .filter((policy) => keyset.after === undefined || order(policy.name, keyset.after) > 0);
    return pageOfRows(all.slice(0, keyset.limit + 1), keyset, 'name', (policy) => policy.name);
  }

  /** @throws PolicyError with every problem; UndercroftError `identity.policy-built-in`, `identity.name` */
  async put(tenant: string, name: string, text: string): Promise<StoredPolicy> {
    this.refuseBuiltin(name);
    if (RESERVED.includes(name))
      throw badRequest('identity.name', `A policy cannot be called ${JSON.stringify(name)}.`);
    checkName('policy', name);
    parsePolicy(text, name);
    const nowUs = this.parts.clock.nowUs();
    await this.parts.control.write(async (tx: Db) => {
      await requireTenant(tx, tenant);
      await tx
        .insertInto('identity_policy')
        .values({ tenant, name, text, created_us: nowUs, updated_us: nowUs })
        .onConflict((conflicted) => conflicted.columns(['tenant', 'name']).doUpdateSet({ text, updated_us: nowUs }))
        .execute();
    });
    await this.reload();
    return this.get(tenant, name);
  }

  /** @throws UndercroftError `not-found`, `identity.policy-built-in` */
  async remove(tenant: string, name: string): Promise<void> {
    this.refuseBuiltin(name);
    const removed = await this.parts.control.write((tx: Db) =>
      tx.deleteFrom('identity_policy').where('tenant', '=', tenant).where('name', '=', name).executeTakeFirst(),
    );
    if (removed.numDeletedRows === 0n) throw notFound('policy', name);
    await this.reload();
  }

  /** Whether a rule of these policies speaks of the caller: `{{identity.…}}`. */
  isTemplated(tenant: string, names: readonly string[]): boolean {
    return names.some((name) => this.find(tenant, name)?.templated);
  }

  /**
   * The compiled list of these policies; names without a policy grant nothing.
   *
   * @param identity whom templates speak of; without one, rules with templates do not count
   * @throws UndercroftError `identity.template` if one's name would widen a path
   */
  acl(tenant: string, names: readonly string[], identity: TemplateIdentity = { groups: [] }): Acl {
    const key = `${tenant}\n${identity.entity?.id ?? ''}\n${names.join('\n')}`;
    const nowUs = this.parts.clock.nowUs();
    const known = this.acls.get(key);
    if (known !== undefined) this.acls.delete(key);
    const entry =
      known !== undefined && known.untilUs > nowUs
        ? known
        : { acl: this.compile(tenant, names, identity, nowUs), untilUs: nowUs + ACL_LIFE_US };
    this.acls.set(key, entry);
    if (this.acls.size > MAX_ACLS) this.acls.delete(this.acls.keys().next().value!);
    return entry.acl;
  }

  private compile(tenant: string, names: readonly string[], identity: TemplateIdentity, nowUs: number): Acl {
    const policies = names.flatMap((name) => this.find(tenant, name) ?? []);
    return new Acl(
      policies.map(({ name, rules, templated }) => ({
        name,
        rules: templated ? fillTemplates(rules, identity) : rules,
      })),
      nowUs,
    );
  }

  private async reload(): Promise<void> {
    this.fingerprint = '';
    await this.load();
    this.parts.changes.announce();
  }

  private readRules(name: string, text: string): Pick<StoredPolicy, 'rules' | 'templated'> {
    try {
      return rulesOf(text, name);
    } catch (error) {
      this.parts.log.error({ policy: name, err: error }, 'a stored policy cannot be read and grants nothing');
      return { rules: [], templated: false };
    }
  }

  private refuseBuiltin(name: string): void {
    if (Object.hasOwn(BUILTIN_POLICIES, name))
      throw conflict(
        'identity.policy-built-in',
        `The policy ${JSON.stringify(name)} is built in.`,
        'Write one of another name.',
      );
  }

  private db(): Db {
    return this.parts.control.db<IdentityTables>();
  }
}

function rulesOf(text: string, name: string): Pick<StoredPolicy, 'rules' | 'templated'> {
  const { rules, templated } = parsePolicy(text, name);
  return { rules, templated };
}
