/** Vault's checks of a request's parameters and wrapping time against what a path's rules ask for. */
import type { JsonObject, JsonValue } from '@undercroft/kernel';
import type { PolicyCapability } from '../language/policy.ts';
import type { Permissions } from './permissions.ts';

const WITH_PARAMETERS: readonly PolicyCapability[] = ['read', 'create', 'update', 'patch'];

/**
 * @param wrapTtlS the wrapping time that the request asks for
 * @returns whether required parameters are there, none is denied and each is allowed
 */
export function allowsRequest(
  permissions: Permissions,
  capability: PolicyCapability,
  data: JsonObject,
  wrapTtlS: number | undefined,
): boolean {
  if (!allowsWrapping(permissions, wrapTtlS)) return false;
  if (capability === 'list' || capability === 'scan') return allowsPage(permissions, data);
  return !WITH_PARAMETERS.includes(capability) || allowsParameters(permissions, data);
}

function allowsWrapping({ minWrappingTtlS, maxWrappingTtlS }: Permissions, wrapTtlS: number | undefined): boolean {
  if (minWrappingTtlS === 0 && maxWrappingTtlS === 0) return true;
  if (wrapTtlS === undefined) return false;
  return wrapTtlS >= minWrappingTtlS && (maxWrappingTtlS === 0 || wrapTtlS <= maxWrappingTtlS);
}

function allowsParameters(permissions: Permissions, data: JsonObject): boolean {
  const { requiredParameters, allowedParameters: allowed, deniedParameters: denied } = permissions;
  if (!requiredParameters.every((name) => Object.hasOwn(data, name.toLowerCase()))) return false;
  const given = Object.entries(data);
  if (given.length === 0) return true;
  if (denied.has('*')) return false;
  const isDenied = ([name, value]: [string, JsonValue]) => {
    const values = denied.get(name.toLowerCase());
    return values !== undefined && isListed(value, values);
  };
  if (given.some(isDenied)) return false;
  if (allowed.size === 0) return true;
  return given.every(([name, value]) => {
    const values = allowed.get(name.toLowerCase());
    return values === undefined ? allowed.has('*') : isListed(value, values);
  });
}

/** A limited list: a page as large as the limit at most; `max` and 0 mean the limit, which the caller then sets. */
function allowsPage({ paginationLimit, requiredParameters }: Permissions, data: JsonObject): boolean {
  if (paginationLimit === 0) return true;
  if (!Object.hasOwn(data, 'limit')) return !requiredParameters.some((name) => name.toLowerCase() === 'limit');
  const limit = data['limit'];
  if (limit === 'max') return true;
  const count =
    typeof limit === 'number' || (typeof limit === 'string' && /^-?\d+$/.test(limit)) ? Number(limit) : Number.NaN;
  return count >= 0 && count <= paginationLimit;
}

/** Strings of the list may begin or end with `*`; an empty list holds everything. */
function isListed(value: JsonValue, list: readonly JsonValue[]): boolean {
  return (
    list.length === 0 ||
    list.some((item) => (isText(item) && isText(value) ? globMatches(item, value) : isSame(item, value)))
  );
}

function globMatches(glob: string, text: string): boolean {
  if (glob.length < 2) return glob === text;
  const start = glob.startsWith('*');
  const end = glob.endsWith('*');
  if (start && end) return text.includes(glob.slice(1, -1));
  if (start) return text.endsWith(glob.slice(1));
  return end ? text.startsWith(glob.slice(0, -1)) : glob === text;
}

function isText(value: JsonValue): value is string {
  return typeof value === 'string';
}

function isSame(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const aKeys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    aKeys.length === Object.keys(b).length &&
    aKeys.every((key) => Object.hasOwn(b, key) && isSame((a as JsonObject)[key]!, (b as JsonObject)[key]!))
  );
}
