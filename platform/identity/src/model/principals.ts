/** Who an entity is right now: its name and every policy that counts for it. */
import { DEFAULT_TENANT } from '@undercroft/kernel';
import { DEFAULT_POLICY, OWNER_POLICY } from '../policy/builtin.ts';
import type { TemplateIdentity } from '../policy/templates.ts';
import type { Entities } from './entities.ts';
import type { Groups } from './groups.ts';

export interface Standing {
  readonly name: string;
  /** Sorted, each once. */
  readonly policies: readonly string[];
  readonly owner: boolean;
}

export class Principals {
  private readonly entities: Entities;
  private readonly groups: Groups;

  constructor(entities: Entities, groups: Groups) {
    this.entities = entities;
    this.groups = groups;
  }

  /**
   * @param limited a token's own policies, which then stand for those of the entity
   * @returns undefined if the entity is gone or disabled
   */
  async standing(tenant: string, entityId: string, limited?: readonly string[]): Promise<Standing | undefined> {
    const entity = await this.entities.find(tenant, entityId);
    if (entity === undefined || entity.disabled) return undefined;
    const held = limited ?? [
      ...entity.policies,
      ...(await this.groups.membershipsOf(tenant, entityId)).flatMap((group) => group.policies),
    ];
    const policies = [...new Set([DEFAULT_POLICY, ...held])]
      .filter((name) => name !== OWNER_POLICY || tenant === DEFAULT_TENANT)
      .sort();
    return { name: entity.name, policies, owner: policies.includes(OWNER_POLICY) };
  }

  /** What templates in policies may name of an entity. */
  async templateIdentity(tenant: string, entityId: string): Promise<TemplateIdentity> {
    const entity = await this.entities.find(tenant, entityId);
    const groups = await this.groups.membershipsOf(tenant, entityId);
    if (entity === undefined) return { groups };
    return { entity: { ...entity, aliases: await this.entities.aliases(tenant, entityId) }, groups };
  }
}
