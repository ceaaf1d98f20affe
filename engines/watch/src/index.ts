/** The watch engine's public name. */
export { watchModule } from './module.ts';
