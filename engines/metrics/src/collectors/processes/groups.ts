/**
 * Which processes are drawn together, in the grammar of Netdata's `apps_groups.conf`: `group: pattern pattern…`,
 * `name` whole, `name*` beginning, `*name` end, `*text*` anywhere in the command line.
 */

/** Dimensions of the `apps.*` charts; the rest is drawn as `other`. */
export const MAX_GROUPS = 100;

export const DEFAULT_GROUPS = `
undercroft: *undercroft*
kernel: kthreadd
ssh: sshd* ssh scp sftp-server dropbear
cron: cron crond atd anacron
system: systemd* init dbus* udevd elogind* polkitd agetty getty login
logs: rsyslogd syslogd syslog-ng auditd vector fluentd fluent-bit promtail
time: chronyd ntpd ntpdate systemd-timesyn*
containers: dockerd docker* containerd* runc crun conmon* podman* buildkitd
kubernetes: kubelet kube-* etcd coredns k3s*
vms: qemu* kvm* libvirtd virtlogd firecracker *vmx*
httpd: nginx* apache* httpd lighttpd caddy traefik haproxy envoy php-fpm*
sql: mysqld* mariadbd* postgres* oracle* sqlservr clickhouse*
nosql: redis* memcached mongod mongos *elasticsearch* *opensearch* *cassandra* influxd
queues: rabbitmq* *kafka* nats-server beam.smp *zookeeper*
dns: named unbound dnsmasq bind pdns*
mail: postfix* master qmgr pickup exim* dovecot* smtpd amavis* rspamd*
vault: vault bao consul nomad
monitoring: netdata* prometheus* node_exporter grafana* telegraf zabbix* nagios* collectd *victoria-metrics*
storage: smbd nmbd nfsd rpc.* glusterd ceph* zfs* zpool*
vpn: openvpn wg* *ipsec* charon*
java: java
node: node
python: python*
ruby: ruby*
shell: bash sh dash zsh fish tmux* screen
build: make cmake cc1* gcc* g++* clang* rustc cargo go npm* tsc esbuild
`;

interface Rule {
  readonly group: string;
  readonly kind: 'whole' | 'start' | 'end' | 'command';
  readonly text: string;
}

/** Finds the group of a process; undefined if no pattern fits: its own name is its group then. */
export type GroupOf = (name: string, command: string) => string | undefined;

export function parseGroups(source: string): GroupOf {
  const rules = source.split('\n').flatMap(parseLine);
  return (name, command) =>
    rules.find(({ kind, text }) => {
      if (kind === 'whole') return name === text;
      if (kind === 'start') return name.startsWith(text);
      if (kind === 'end') return name.endsWith(text);
      return command.includes(text);
    })?.group;
}

function parseLine(line: string): Rule[] {
  const match = /^\s*-?([^:#\s][^:#]*):\s*(.*)$/.exec(line);
  if (match === null) return [];
  const group = match[1]!.trim();
  return match[2]!
    .split(/\s+/)
    .filter((pattern) => pattern.replaceAll('*', '') !== '')
    .map((pattern) => {
      const starts = pattern.startsWith('*');
      const ends = pattern.endsWith('*');
      const text = pattern.slice(starts ? 1 : 0, ends ? -1 : undefined);
      return { group, text, kind: starts && ends ? 'command' : starts ? 'end' : ends ? 'start' : 'whole' };
    });
}
