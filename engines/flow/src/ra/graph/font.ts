/**
 * A small font of strokes. A glyph is a list of strokes: pairs of digits in base 36, x and y, y downwards; capitals stand
 * from 0 to a, small letters from 3, what hangs below ends at d. `~` rounds a stroke's corners, `o` closes it.
 */

/** Units from the top of capitals to the base line. */
const BASE = 10;
/** Height of capitals as a part of the size of the font, as in common fonts. */
const CAPITAL_PART = 0.72;
const GAP = 2.8;
const SPACE_WIDTH = 3.4;
const DIGIT_WIDTH = 6;
const ROUNDINGS = 2;
const BOWL = '~o05234365684a2a08';
const ROUND = '~o03206083876a2a07';

const GLYPHS: Readonly<Record<string, string>> = {
  '0': '~o02204062684a2a08',
  '1': '12303a 1a5a',
  '2': '~02105062640a 0a6a',
  '3': '~01205062644525 ~254566685a2a09',
  '4': '5a500777',
  '5': '601015 ~15245466685a2a09',
  '6': '~61402003082a4a6866442406',
  '7': '00602a',
  '8': '~o2040616445250401 ~o254566694a2a0906',
  '9': '~092a4a676240200204264664',
  A: '0a408a 1777',
  B: '000a ~004061644505 ~054566694a0a',
  C: '~72502002082a5a78',
  D: '000a ~004072784a0a',
  E: '60000a6a 0555',
  F: '60000a 0555',
  G: '~72502002082a5a78 787545',
  H: '000a 707a 0575',
  I: '000a',
  J: '~5055584a1a08',
  K: '000a 7006 347a',
  L: '000a6a',
  M: '0a0046808a',
  N: '0a007a70',
  O: ROUND,
  P: '0a00 ~005071755606',
  Q: `${ROUND} 578b`,
  R: '0a00 ~005071755606 467a',
  S: '~7150200104255576795a2a09',
  T: '0080 404a',
  U: '~0004071a6a777470',
  V: '004a80',
  W: '002a528aa0',
  X: '007a 700a',
  Y: '004580 454a',
  Z: '00700a7a',
  a: `${BOWL} 636a`,
  b: `${BOWL} 000a`,
  c: '~65432305082a4a68',
  d: `${BOWL} 606a`,
  e: '0666 ~6664432305082a4a69',
  f: '~4020121a 0333',
  g: `${BOWL} ~63686b4d2d0c`,
  h: '000a ~052343656a',
  i: '030a 0001',
  j: '~232b1d0d 2021',
  k: '000a 5307 265a',
  l: '000a',
  m: '030a ~052333454a ~456373858a',
  n: '030a ~052343656a',
  o: BOWL,
  p: `${BOWL} 030d`,
  q: `${BOWL} 636d`,
  r: '030a ~052343',
  s: '~5443230405264658594a1a09',
  t: '~1014182a4a 0343',
  u: '~03082a4a68 636a',
  v: '033a63',
  w: '032a446a83',
  x: '036a 630a',
  y: '033a 632d0d',
  z: '03630a6a',
  '.': '090a',
  ',': '190c',
  ':': '0405 090a',
  ';': '1414 190c',
  '-': '0646',
  '+': '0666 3339',
  '/': '500b',
  '\\': '005b',
  '(': '~2003092c',
  ')': '~0023290c',
  '[': '20000c2c',
  ']': '00202c0c',
  '{': '~30101406181c3c',
  '}': '~00202426282c0c',
  '%': '~o0110203133241403 ~o57667687897a6a59 701a',
  _: '0b6b',
  '=': '0565 0868',
  '*': '2125 0244 4204',
  '#': '201a 605a 0373 0777',
  '&': '~8a131130515306092a5a86',
  '<': '630669',
  '>': '036609',
  '?': '~02104052543637 3a3a',
  '!': '0006 090a',
  '|': '000c',
  '"': '0003 3033',
  "'": '0003',
  '`': '0022',
  '^': '033063',
  '~': '~071535475765',
  $: '~7150200104255576795a2a09 404a',
  '@': `${ROUND} ~o3444555646363534`,
};
const UNKNOWN = '0060 606a 6a0a 0a00';

interface Glyph {
  readonly strokes: readonly (readonly number[])[];
  readonly advance: number;
  readonly shift: number;
}

const known = new Map<string, Glyph>();

function glyphOf(letter: string): Glyph {
  let glyph = known.get(letter);
  if (glyph === undefined) {
    glyph = drawn(letter);
    // Only so many different glyphs are there to be known: the rest share one.
    if (GLYPHS[letter] !== undefined) known.set(letter, glyph);
  }
  return glyph;
}

function drawn(letter: string): Glyph {
  const strokes = (GLYPHS[letter] ?? UNKNOWN).split(' ').map(strokeOf);
  const right = Math.max(0, ...strokes.flatMap((points) => points.filter((_, at) => at % 2 === 0)));
  const isDigit = letter >= '0' && letter <= '9';
  const width = isDigit ? DIGIT_WIDTH : right;
  return { strokes, advance: width + GAP, shift: isDigit ? (DIGIT_WIDTH - right) / 2 : 0 };
}

function strokeOf(text: string): number[] {
  const isRound = text.startsWith('~');
  const isClosed = text.includes('o');
  const digits = text.replace(/^~?o?/, '');
  let points = Array.from(digits, (digit) => Number.parseInt(digit, 36));
  for (let i = 0; isRound && i < ROUNDINGS; i += 1) points = rounded(points, isClosed);
  return isClosed ? [...points, points[0] as number, points[1] as number] : points;
}

/** Cuts each corner at a quarter of its sides. */
function rounded(points: readonly number[], isClosed: boolean): number[] {
  const count = points.length / 2;
  const at = (index: number): [number, number] => {
    const i = (index % count) * 2;
    return [points[i] as number, points[i + 1] as number];
  };
  const result: number[] = isClosed ? [] : [...at(0)];
  for (let i = 0; i < (isClosed ? count : count - 1); i += 1) {
    const [x, y] = at(i);
    const [toX, toY] = at(i + 1);
    result.push(x * 0.75 + toX * 0.25, y * 0.75 + toY * 0.25, x * 0.25 + toX * 0.75, y * 0.25 + toY * 0.75);
  }
  return isClosed ? result : [...result, ...at(count - 1)];
}

function unitOf(size: number): number {
  return (size * CAPITAL_PART) / BASE;
}

/** Pixels. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const letter of text) width += letter === ' ' ? SPACE_WIDTH + GAP / 2 : glyphOf(letter).advance;
  return Math.max(0, width - GAP) * unitOf(size);
}

/** Strokes of a text whose base line begins at 0, 0: x, y, x, y, ... */
export function textStrokes(text: string, size: number): number[][] {
  const unit = unitOf(size);
  const strokes: number[][] = [];
  let x = 0;
  for (const letter of text) {
    if (letter === ' ') {
      x += SPACE_WIDTH + GAP / 2;
      continue;
    }
    const { strokes: own, advance, shift } = glyphOf(letter);
    for (const points of own) {
      strokes.push(points.map((value, at) => (at % 2 === 0 ? value + x + shift : value - BASE) * unit));
    }
    x += advance;
  }
  return strokes;
}
