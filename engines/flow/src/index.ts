export { flowModule } from './module.ts';
