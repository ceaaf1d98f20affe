/** Colours and sizes of charts. */

export const COLOURS = [
  '#2f6fde',
  '#f2952b',
  '#23a26d',
  '#d9485f',
  '#7d5bd6',
  '#16a3b8',
  '#c9579f',
  '#8aa319',
  '#b5653a',
  '#5a6b85',
  '#64a5ff',
  '#ffc46b',
  '#6fd3a4',
  '#f58a9b',
  '#b39af2',
  '#6fd3e2',
  '#ec9dcf',
  '#bfd15a',
  '#dba27f',
  '#9aa8bd',
];
export const OTHERS_COLOUR = '#b8bec8';
export const INK = '#1f2733';
export const FAINT_INK = '#5c6675';
export const GRID = '#e4e8ee';
export const AXIS = '#9aa4b2';
export const BACKGROUND = '#ffffff';
export const PLOT = '#fbfcfd';
export const TEXT_SIZE = 11;
export const TITLE_SIZE = 15;
export const LINE_HEIGHT = 18;
