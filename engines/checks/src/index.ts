/** The checks engine's public name. */
export { checksModule } from './module.ts';
