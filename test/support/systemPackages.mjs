// Debian packages that the tests need: independent clients for the wire tests, and the requirements of the editor
// tests. Installs missing packages if it can (as root on Debian); otherwise prints which ones to install.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const needed = [
  { package: 'openssl', present: () => works('openssl', ['version']) },
  { package: 'curl', present: () => works('curl', ['--version']) },
  { package: 'mosquitto-clients', present: () => onPath('mosquitto_pub') },
  { package: 'awscli', present: () => existsSync('/usr/bin/aws') },
  { package: 'python3-boto3', present: () => works('/usr/bin/python3', ['-c', 'import boto3']) },
  // Company networks: a proxy, a firewall, clocks that are wrong, and namespaces to have them in.
  { package: 'squid-openssl', present: () => existsSync('/usr/lib/squid/security_file_certgen') },
  { package: 'nftables', present: () => onPath('nft') || existsSync('/usr/sbin/nft') },
  { package: 'faketime', present: () => onPath('faketime') },
  { package: 'iproute2', present: () => onPath('ip') || existsSync('/usr/sbin/ip') },
  // A scheduler that runs the workers of a simulation.
  ...['slurmctld', 'slurmd'].map((name) => ({
    package: name,
    present: () => onPath(name) || existsSync(`/usr/sbin/${name}`),
  })),
  { package: 'slurm-client', present: () => onPath('sbatch') },
  { package: 'munge', present: () => onPath('munged') || existsSync('/usr/sbin/munged') },
  { package: 'procps', present: () => onPath('ps') },
  // The editor needs a browser, and a compiler for two native modules.
  { package: 'chromium', present: () => process.env.CHROMIUM !== undefined || onPath('chromium') },
  { package: 'g++', present: () => onPath('g++') },
  { package: 'make', present: () => onPath('make') },
  { package: 'python3', present: () => onPath('python3') },
];

function works(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function onPath(command) {
  return works('sh', ['-c', `command -v ${command}`]);
}

const missing = needed.filter((p) => !p.present()).map((p) => p.package);
if (missing.length > 0) {
  const command = `apt-get update && apt-get install -y ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    console.error(`The tests need these programs: ${missing.join(', ')}. Run as root: ${command}`);
    process.exit(1);
  }
  console.log(`Installing ${missing.join(', ')}`);
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  execFileSync('apt-get', ['update', '-qq'], options);
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], options);
  const still = needed.filter((p) => !p.present()).map((p) => p.package);
  if (still.length > 0) {
    console.error(`Still missing after the installation: ${still.join(', ')}`);
    process.exit(1);
  }
}
console.log('Programs of other packages: all present.');
