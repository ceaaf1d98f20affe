/** Identity: its module, and the policy language and its evaluation, on which the vault builds. */
export { PolicyError, type PolicyProblem, type Position } from './language/error.ts';
export {
  CAPABILITIES,
  type ControlGroup,
  type ControlGroupFactor,
  type Policy,
  type PolicyCapability,
  type PolicyRule,
  parsePolicy,
} from './language/policy.ts';
export { printPolicy } from './language/print.ts';
export { identityModule } from './module.ts';
export { Acl, type AclRequest, type Decision, type NamedPolicy } from './policy/acl.ts';
export type { Grant, Permissions } from './policy/permissions.ts';
export { fillTemplates, type TemplateIdentity } from './policy/templates.ts';
