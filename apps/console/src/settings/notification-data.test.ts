import { describe, expect, it } from 'vitest';
import { type Channel, type Contact, fieldsOf, settingsOf, targetOf } from './notification-data.ts';

const EMAIL: Channel = {
  name: 'email',
  summary: 'Email over SMTP.',
  secrets: ['password'],
  settings: {
    required: ['host', 'port', 'encryption', 'verifyCertificate', 'from', 'to'],
    properties: {
      host: { type: 'string', description: 'SMTP server.' },
      port: { type: 'integer', default: 587 },
      encryption: { anyOf: [{ const: 'starttls' }, { const: 'none' }], default: 'starttls' },
      verifyCertificate: { type: 'boolean', default: true },
      password: { type: 'string' },
      to: { type: 'array', items: { type: 'string' } },
      headers: { type: 'object' },
    },
  },
};

describe('the form of a channel', () => {
  it('follows the schema of its settings', () => {
    expect(fieldsOf(EMAIL).map(({ name, label, kind, required }) => [name, label, kind, required])).toEqual([
      ['host', 'Host', 'text', true],
      ['port', 'Port', 'number', false],
      ['encryption', 'Encryption', 'choice', false],
      ['verifyCertificate', 'Verify certificate', 'switch', false],
      ['password', 'Password', 'secret', false],
      ['to', 'To', 'lines', true],
    ]);
  });

  it('gives what the channel takes, with its defaults', () => {
    expect(
      settingsOf(fieldsOf(EMAIL), { host: ' mail.example.net ', to: 'ana@example.net\n\nmilan@example.net' }),
    ).toEqual({
      host: 'mail.example.net',
      port: 587,
      encryption: 'starttls',
      verifyCertificate: true,
      to: ['ana@example.net', 'milan@example.net'],
    });
  });

  it('says where a contact leads', () => {
    const target = (settings: Contact['settings']) => targetOf({ settings } as Contact);
    expect(target({ to: ['a@x', 'b@x'] })).toBe('a@x, b@x');
    expect(target({ command: ['/usr/bin/say', '-v'] })).toBe('/usr/bin/say -v');
    expect(target({})).toBe('');
  });
});
