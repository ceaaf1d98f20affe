/** How values are written when nobody asked for anything else. */
import type { Style } from './field.ts';

/** What the state of a flow depends on. */
export type StateStyle = Pick<Style, 'tcpStates' | 'tcpFlags' | 'rmon'>;

export const PLAIN_STYLE: StateStyle = { tcpStates: false, tcpFlags: '', rmon: false };
