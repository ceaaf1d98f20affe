/** The scan engine's public name. */
export { scanModule } from './module.ts';
