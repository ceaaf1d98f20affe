/** A result as Nmap's XML (nmap.dtd, xmloutputversion 1.05), which its readers accept: they check `scanner="nmap"`. */
import type { ScannedHost, ScannedPort, ScanResult } from '@undercroft/kernel';
import { formatPorts, parsePorts } from './ports.ts';
import { DEFAULT_PORTS } from './services.ts';

/** @param version of Undercroft, for the `version` attribute's reader */
export function toNmapXml(result: ScanResult, version: string): string {
  const ports = result.request.ports === undefined ? DEFAULT_PORTS : parsePorts(result.request.ports);
  const startS = seconds(result.startUs);
  const endS = seconds(result.endUs);
  const args = nmapLine(result.request);
  const up = result.hosts.filter((host) => host.up).length;
  const down = result.hosts.length - up;
  const summary = `Undercroft ${version} done at ${ctime(endS)}; ${result.hosts.length} IP address${result.hosts.length === 1 ? '' : 'es'} (${up} host${up === 1 ? '' : 's'} up) scanned in ${elapsed(result)} seconds`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE nmaprun>',
    `<nmaprun${attributes({ scanner: 'nmap', args, start: startS, startstr: ctime(startS), version: '7.93', xmloutputversion: '1.05' })}>`,
    `<scaninfo${attributes({ type: 'connect', protocol: 'tcp', numservices: ports.length, services: formatPorts(ports) })}/>`,
    '<verbose level="0"/>',
    '<debugging level="0"/>',
    ...result.hosts.map(hostXml),
    `<runstats><finished${attributes({ time: endS, timestr: ctime(endS), summary, elapsed: elapsed(result), exit: result.outcome === 'finished' ? 'success' : 'error', errormsg: result.outcome === 'finished' ? undefined : (result.error ?? result.outcome) })}/><hosts${attributes({ up, down, total: result.hosts.length })}/></runstats>`,
    '</nmaprun>',
    '',
  ].join('\n');
}

/** The command line of Nmap that asks for the same. */
export function nmapLine(request: ScanResult['request']): string {
  return [
    'nmap -sT',
    ...(request.serviceDetection === false ? [] : ['-sV']),
    ...(request.ports === undefined ? [] : [`-p ${request.ports}`]),
    ...(request.maxRate === undefined ? [] : [`--max-rate ${request.maxRate}`]),
    ...request.targets,
  ].join(' ');
}

function hostXml(host: ScannedHost): string {
  const status = `<status${attributes({ state: host.up ? 'up' : 'down', reason: host.reason, reason_ttl: 0 })}/>`;
  const address = `<address${attributes({ addr: host.address, addrtype: host.address.includes(':') ? 'ipv6' : 'ipv4' })}/>`;
  const names = host.hostnames.map((name) => `<hostname${attributes({ name, type: 'user' })}/>`).join('');
  const extra = host.extraPorts.map(
    (group) =>
      `<extraports${attributes({ state: group.state, count: group.count })}><extrareasons${attributes({ reason: group.state === 'closed' ? 'conn-refused' : 'no-response', count: group.count })}/></extraports>`,
  );
  const ports = host.up ? `<ports>${extra.join('\n')}${host.ports.map(portXml).join('\n')}\n</ports>` : '';
  return `<host${attributes({ starttime: seconds(host.startUs), endtime: seconds(host.endUs) })}>${status}\n${address}\n<hostnames>${names}</hostnames>\n${ports}</host>`;
}

function portXml(port: ScannedPort): string {
  const probed = port.product !== undefined || port.banner !== undefined || port.tls !== undefined;
  const service =
    port.service === undefined
      ? ''
      : `<service${attributes({ name: port.service, product: port.product, version: port.version, tunnel: port.tls === undefined ? undefined : 'ssl', method: probed ? 'probed' : 'table', conf: probed ? 10 : 3 })}/>`;
  return `<port${attributes({ protocol: port.protocol, portid: port.port })}><state${attributes({ state: port.state, reason: port.reason, reason_ttl: 0 })}/>${service}</port>`;
}

function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
}

function escapeXml(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      // Characters that XML 1.0 cannot hold at all.
      .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/g, (char) =>
        /[\ud800-\udfff]/.test(char) ? '\ufffd' : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
      )
  );
}

function seconds(us: number): number {
  return Math.floor(us / 1e6);
}

function elapsed(result: ScanResult): string {
  return ((result.endUs - result.startUs) / 1e6).toFixed(2);
}

/** As ctime(3) writes a time, in UTC: `Tue Nov 24 22:48:02 2026`. */
function ctime(epochS: number): string {
  const [weekday, day, month, year, time] = new Date(epochS * 1000).toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}
