import { BlockList, isIP } from 'node:net';
import { plainHost } from './noProxy.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a host is this computer: `localhost`, a name below it, or a loopback address. */
export function isThisMachine(host: string): boolean {
  const name = plainHost(host);
  const family = isIP(name);
  if (family === 0) return name === 'localhost' || name.endsWith('.localhost');
  return LOOPBACK.check(name, family === 4 ? 'ipv4' : 'ipv6');
}
