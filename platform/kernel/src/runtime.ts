/** What the program itself is made of, beside what modules use: configuration, processes, logs. */
export * from './clock/system-clock.ts';
export * from './config/config-error.ts';
export * from './config/load.ts';
export * from './config/reference.ts';
export * from './log/pino-log.ts';
export * from './process/role-main.ts';
export * from './process/supervisor.ts';
