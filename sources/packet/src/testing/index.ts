export { captureFolder } from './captures.ts';
