/** JA3 and JA3S: fingerprints of a hello by its values in their order, without GREASE. */
import { hash } from 'node:crypto';
import { type ClientHello, isGrease, type ServerHello } from './hello.ts';

/** `version,ciphers,extensions,groups,point formats`, lists joined by dashes. */
export function ja3Text(hello: ClientHello): string {
  const lists = [hello.ciphers, hello.extensions, hello.groups, hello.pointFormats];
  return `${hello.legacyVersion},${lists.map(joined).join(',')}`;
}

/** `version,cipher,extensions`. */
export function ja3sText(hello: ServerHello): string {
  return `${hello.legacyVersion},${hello.cipher},${hello.extensions.join('-')}`;
}

/** MD5 in hexadecimal: what JA3, JA3S and HASSH are known by. */
export function md5(text: string): string {
  return hash('md5', text, 'hex');
}

function joined(values: readonly number[]): string {
  let text = '';
  for (const value of values) if (!isGrease(value)) text += text === '' ? value : `-${value}`;
  return text;
}
