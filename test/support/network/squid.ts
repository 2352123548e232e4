import { execFileSync, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { until } from '../until.ts';
import type { Squid } from './names.ts';

const PORTS = { asking: 3128, inspecting: 3129 };
const LOGIN = { user: 'ann', password: 'p@ss word' };
const OTHER = { user: 'bob', password: 'hunter2' };

interface SquidOptions {
  folder: string;
  /** The hosts file by which it finds AWS. */
  hosts: string;
  /** PEM file of the roots by which it judges AWS when it inspects. */
  trusted: string;
  /** The company's CA. */
  inspecting: { cert: string; key: string };
}

/** Debian's squid: a port that wants a login and opens tunnels, and one that looks into TLS. Ends with its parent's group. */
export async function startSquid({ folder, hosts, trusted, inspecting }: SquidOptions): Promise<Squid> {
  mkdirSync(folder, { recursive: true });
  const at = (name: string) => path.join(folder, name);
  const lines = [LOGIN, OTHER].map(({ user, password }) => {
    const hash = execFileSync('openssl', ['passwd', '-apr1', password]).toString().trim();
    return `${user}:${hash}\n`;
  });
  writeFileSync(at('passwd'), lines.join(''));
  writeFileSync(at('ca.pem'), `${inspecting.cert}\n${inspecting.key}\n`);
  execFileSync('/usr/lib/squid/security_file_certgen', ['-c', '-s', at('made'), '-M', '4MB'], {
    stdio: 'ignore',
  });
  writeFileSync(at('squid.conf'), configuration(at, hosts, trusted));
  // It gives up being root, and then must read and write all of this.
  execFileSync('chown', ['-R', 'proxy:proxy', folder]);
  const child = spawn('squid', ['-N', '-f', at('squid.conf')], { stdio: 'ignore' });
  process.on('exit', () => child.kill('SIGKILL'));
  await until('squid listens', () => listens(PORTS.asking));
  return {
    url: `http://127.0.0.1:${PORTS.asking}`,
    ...LOGIN,
    other: OTHER,
    inspectingUrl: `http://127.0.0.1:${PORTS.inspecting}`,
    log: at('access.log'),
  };
}

function configuration(at: (name: string) => string, hosts: string, trusted: string): string {
  return `
http_port 127.0.0.1:${PORTS.asking} name=asking
http_port 127.0.0.1:${PORTS.inspecting} name=inspecting ssl-bump tls-cert=${at('ca.pem')} generate-host-certificates=on dynamic_cert_mem_cache_size=1MB
sslcrtd_program /usr/lib/squid/security_file_certgen -s ${at('made')} -M 4MB
sslcrtd_children 2 startup=1 idle=1
tls_outgoing_options cafile=${trusted}
acl hello at_step SslBump1
ssl_bump peek hello
ssl_bump bump all
auth_param basic program /usr/lib/squid/basic_ncsa_auth ${at('passwd')}
auth_param basic children 2 startup=1 idle=1
auth_param basic realm corporate
acl through-asking myportname asking
acl known proxy_auth REQUIRED
acl open-ports port 443 8883
http_access deny !open-ports
http_access deny through-asking !known
http_access allow all
hosts_file ${hosts}
access_log stdio:${at('access.log')} squid
cache_log ${at('cache.log')}
pid_filename none
pinger_enable off
cache deny all
shutdown_lifetime 0 seconds
coredump_dir ${at('.')}
visible_hostname proxy.corp.test
`;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
