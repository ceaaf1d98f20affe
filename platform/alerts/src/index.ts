/** The alerts pipeline: its module. */
export { AlertsConfig, alertsModule } from './module.ts';
