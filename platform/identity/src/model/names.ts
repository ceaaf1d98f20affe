/** Names of users, groups, policies and tenants; and the JSON columns of the tables. */
import { badRequest, conflict, type JsonObject } from '@undercroft/kernel';

/** Lower case, as Vault keeps names; usable as one path segment. */
export const NAME_PATTERN = '^[a-z0-9][a-z0-9._@-]{0,127}$';
export const MAX_POLICIES = 100;
export const MAX_METADATA_LENGTH = 16_384;

/** @throws UndercroftError `identity.name` */
export function checkName(what: string, name: string): string {
  if (!new RegExp(NAME_PATTERN).test(name))
    throw badRequest(
      'identity.name',
      `${JSON.stringify(name)} cannot name a ${what}.`,
      'Use 1 to 128 of a-z, 0-9, ".", "_", "@" and "-", a letter or digit first.',
    );
  return name;
}

/** @throws UndercroftError `identity.name-taken` */
export function nameTaken(what: string, name: string): Error {
  return conflict('identity.name-taken', `There is a ${what} ${JSON.stringify(name)} already.`, 'Choose another name.');
}

export function parseList(text: string): readonly string[] {
  return JSON.parse(text) as string[];
}

export function printList(list: readonly string[]): string {
  return JSON.stringify([...new Set(list)].sort());
}

export function parseMetadata(text: string): JsonObject {
  return JSON.parse(text) as JsonObject;
}

/** @throws UndercroftError `identity.metadata` */
export function printMetadata(metadata: JsonObject): string {
  const text = JSON.stringify(metadata);
  if (text.length > MAX_METADATA_LENGTH)
    throw badRequest(
      'identity.metadata',
      `Metadata is ${text.length} characters of JSON, more than ${MAX_METADATA_LENGTH}.`,
    );
  return text;
}
