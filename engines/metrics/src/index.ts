/** The metrics engine's public names. */
export { metricsModule } from './module.ts';
