/** What the receiver adds to an event, and what it does not accept. */
import {
  badRequest,
  type Clock,
  DEFAULT_TENANT,
  type EventInput,
  type PlatformEvent,
  SEVERITIES,
} from '@undercroft/kernel';

/** Characters of one event, attributes as JSON: what is larger belongs into a blob. */
export const MAX_EVENT_LENGTH = 64 * 1024;
export const MAX_EVENT_ASSETS = 64;
const MAX_NAME_LENGTH = 120;
/** An id of an asset is a name, and lines separate them in the store. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are refused
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * @param className a declared class, or what takes its place
 * @throws UndercroftError `events.event.invalid`, 400
 */
export function stampEvent(
  input: EventInput,
  className: string,
  source: string,
  nextId: (nowMs: number) => string,
  clock: Clock,
): { readonly event: PlatformEvent; readonly length: number } {
  const receivedUs = clock.nowUs();
  const { message, severity = 'informational', tenant = DEFAULT_TENANT, assets = [], activity = 'unknown' } = input;
  if (typeof message !== 'string') throw invalid('"message" is no text');
  if (!SEVERITIES.includes(severity)) throw invalid(`"severity" is none of ${SEVERITIES.join(', ')}`);
  if (!isName(tenant)) throw invalid('"tenant" is no name');
  if (!isName(activity)) throw invalid('"activity" is no name');
  if (!Array.isArray(assets) || assets.length > MAX_EVENT_ASSETS || !assets.every(isName))
    throw invalid(`"assets" are no list of at most ${MAX_EVENT_ASSETS} ids`);
  const attributes = input.attributes ?? {};
  const length = message.length + attributesLength(attributes);
  if (length > MAX_EVENT_LENGTH) throw invalid(`it has ${length} characters, at most ${MAX_EVENT_LENGTH} are taken`);
  const event: PlatformEvent = {
    id: nextId(clock.nowMs()),
    class: className,
    activity,
    timeUs: isTime(input.timeUs) ? input.timeUs : receivedUs,
    receivedUs,
    severity,
    tenant,
    source,
    assets: [...assets],
    message,
    attributes,
  };
  return { event, length };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH && !CONTROL.test(value);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function attributesLength(attributes: unknown): number {
  if (typeof attributes !== 'object' || attributes === null) throw invalid('"attributes" are no object');
  let length = 0;
  for (const [name, value] of Object.entries(attributes)) {
    length += name.length + 1;
    if (typeof value === 'string') length += value.length;
    else if (typeof value === 'object' && value !== null) length += jsonLength(value);
    else length += 8;
  }
  return length;
}

function jsonLength(value: object): number {
  try {
    return JSON.stringify(value)?.length ?? 0;
  } catch (error) {
    throw invalid(`an attribute is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function invalid(what: string) {
  return badRequest('events.event.invalid', `The event is not taken: ${what}.`);
}
