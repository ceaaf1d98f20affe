/** Fingerprints of hellos and certificates, remembered: most flows are between a few clients and a few servers. */
import { type CertificateFacts, fingerprintOf, readCertificate } from '../language/tls/certificate.ts';
import type { ClientHello, ServerHello } from '../language/tls/hello.ts';
import { ja3sText, ja3Text, md5 } from '../language/tls/ja3.ts';
import { type Ja4Carrier, ja4Parts, ja4Text } from '../language/tls/ja4.ts';

const MAX_HELLOS = 4096;
const MAX_CERTIFICATES = 4096;

export class Fingerprints {
  readonly #ja3 = new Memory<string>(MAX_HELLOS);
  readonly #ja4 = new Memory<string>(MAX_HELLOS);
  readonly #certificates = new Memory<CertificateFacts>(MAX_CERTIFICATES);

  ja3(hello: ClientHello): string {
    return this.#ja3.get(ja3Text(hello), md5);
  }

  ja3s(hello: ServerHello): string {
    return this.#ja3.get(ja3sText(hello), md5);
  }

  ja4(hello: ClientHello, carrier: Ja4Carrier): string {
    const { hasServerName, protocols, versions, signatureAlgorithms } = hello;
    const key = `${carrier} ${hasServerName} ${protocols[0]} ${versions} ${signatureAlgorithms} ${ja3Text(hello)}`;
    return this.#ja4.get(key, () => ja4Text(ja4Parts(hello, carrier)));
  }

  certificate(der: Uint8Array): CertificateFacts {
    return this.#certificates.get(fingerprintOf(der), () => readCertificate(der));
  }
}

class Memory<Value> {
  readonly #maxEntries: number;
  readonly #values = new Map<string, Value>();

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get(key: string, make: (key: string) => Value): Value {
    let value = this.#values.get(key);
    if (value === undefined) {
      value = make(key);
      if (this.#values.size >= this.#maxEntries) this.#values.clear();
      this.#values.set(key, value);
    }
    return value;
  }
}
