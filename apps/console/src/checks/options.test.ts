import { expect, it } from 'vitest';
import { optionsLine, optionTexts, readOptions } from './options.ts';

it('reads a form into the options of its kind', () => {
  expect(readOptions('http', { url: ' https://a.b/ ', status: '200, 301', warnMs: '500', insecure: 'true' })).toEqual({
    options: { url: 'https://a.b/', status: [200, 301], warnMs: 500, insecure: true },
    errors: {},
  });
});

it('says which field is wrong', () => {
  expect(readOptions('tcp', { port: 'ssh' }).errors).toEqual({
    host: 'Host is needed.',
    port: 'A number is needed here.',
  });
  expect(readOptions('http', { url: 'x', status: '99' }).errors).toEqual({
    status: 'Numbers from 100 to 599, with commas between.',
  });
});

it('shows options as they were typed, and commands as a shell takes them', () => {
  expect(optionTexts('dns', { name: 'a.b', expect: ['1.1.1.1', '2.2.2.2'] })).toMatchObject({
    name: 'a.b',
    expect: '1.1.1.1, 2.2.2.2',
    type: '',
  });
  expect(optionsLine('plugin', { command: ['check_x', '-w', '10%', "it's"] })).toBe("check_x -w 10% 'it'\\''s'");
  expect(optionsLine('tcp', { host: 'h', port: 22 })).toBe('h:22');
});
