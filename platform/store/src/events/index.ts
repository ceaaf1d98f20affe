/** The event store's public names. */
export { isAuditClass, SPINE_EVENT_CLASSES } from './classes.ts';
export { EventStoreConfig } from './config.ts';
export { type EventStore, type EventStoreOptions, startEventStore } from './start.ts';
