/** Ports by the names of their services: this machine's /etc/services, over a small table of our own. */
import { readFileSync } from 'node:fs';
import type { ServicePorts, Services } from './compile/ports.ts';

const PATH = '/etc/services';
const MAX_BYTES = 1_000_000;

/** Name, port and transports of what people filter by. */
const WELL_KNOWN = `
  echo 7 tcp udp; discard 9 tcp udp; ftp-data 20 tcp; ftp 21 tcp; ssh 22 tcp; telnet 23 tcp; smtp 25 tcp; time 37 tcp udp;
  whois 43 tcp; tacacs 49 tcp udp; domain 53 tcp udp; bootps 67 udp; bootpc 68 udp; tftp 69 udp; gopher 70 tcp;
  finger 79 tcp; http 80 tcp; kerberos 88 tcp udp; pop3 110 tcp; sunrpc 111 tcp udp; nntp 119 tcp; ntp 123 udp;
  netbios-ns 137 udp; netbios-dgm 138 udp; netbios-ssn 139 tcp; imap2 143 tcp; snmp 161 tcp udp; snmp-trap 162 tcp udp;
  bgp 179 tcp; ldap 389 tcp udp; https 443 tcp udp; microsoft-ds 445 tcp udp; submissions 465 tcp; isakmp 500 udp;
  syslog 514 udp; printer 515 tcp; submission 587 tcp; ipp 631 tcp; ldaps 636 tcp udp; rsync 873 tcp; imaps 993 tcp;
  pop3s 995 tcp; socks 1080 tcp; openvpn 1194 tcp udp; ms-sql-s 1433 tcp; radius 1812 tcp udp; nfs 2049 tcp udp;
  mysql 3306 tcp; sip 5060 tcp udp; sip-tls 5061 tcp udp; xmpp-client 5222 tcp; postgresql 5432 tcp; amqp 5672 tcp udp sctp;
  x11 6000 tcp; http-alt 8080 tcp udp`;

let known: Services | undefined;

/** Read once. A machine without the file has our own table. */
export function systemServices(): Services {
  known ??= parseServices(readServices());
  return known;
}

/** @param text lines `name port/transport alias…`, `#` starting a remark; what is no such line is skipped */
export function parseServices(text: string): Services {
  const services = new Map<string, ServicePorts>();
  for (const entry of WELL_KNOWN.split(';')) {
    const [name, port, ...transports] = entry.trim().split(/\s+/);
    for (const transport of transports) add(services, name!, Number(port), transport);
  }
  for (const line of text.slice(0, MAX_BYTES).split('\n')) {
    const [name, place, ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const match = /^([0-9]{1,5})\/([a-z]+)$/.exec(place ?? '');
    if (name === undefined || match === null) continue;
    for (const each of [name, ...aliases]) add(services, each, Number(match[1]), match[2]!);
  }
  return services;
}

function add(services: Map<string, ServicePorts>, name: string, port: number, transport: string): void {
  if (port > 65_535 || !(transport === 'tcp' || transport === 'udp' || transport === 'sctp')) return;
  services.set(name, { ...services.get(name), [transport]: port });
}

function readServices(): string {
  try {
    return readFileSync(PATH, 'utf8');
  } catch {
    // Missing in small containers: the table of our own stands alone.
    return '';
  }
}
