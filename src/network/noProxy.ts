import { BlockList, isIP } from 'node:net';

/** Which hosts are reached without a proxy. */
export type NoProxy = (host: string, port: number) => boolean;

/**
 * Reads a NO_PROXY list: entries separated by commas or blanks. An entry is `*`, a host name (with all names below it,
 * a dot or `*.` in front of it or not), an IP address, or a network such as 10.0.0.0/8 or fd00::/8; each may end with a
 * port. IPv6 addresses may stand in brackets, and must when a port follows. As curl and the AWS CLI read it
 * (everything.curl.dev, "Proxy environment variables").
 */
export function readNoProxy(list: string): NoProxy {
  const entries = list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(readEntry);
  return (host, port) => {
    const name = plainHost(host);
    return entries.some((matches) => matches(name, port));
  };
}

/** Lower case, without brackets and without the dot of a fully qualified name. */
export function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

function readEntry(entry: string): NoProxy {
  if (entry === '*') return () => true;
  const { host, port } = parted(entry.toLowerCase());
  const matches = readHost(host);
  return (name, at) => (port === undefined || port === at) && matches(name, at);
}

/** `host:port`, `[IPv6]:port`, or one of them without a port. */
function parted(entry: string): { host: string; port: number | undefined } {
  const bracketed = /^\[([^\]]+)\](?:\/(\d+))?(?::(\d+))?$/.exec(entry);
  if (bracketed?.[1] !== undefined) {
    const [, address, prefix, port] = bracketed;
    return {
      host: prefix === undefined ? address : `${address}/${prefix}`,
      port: port === undefined ? undefined : Number(port),
    };
  }
  const named = /^([^:]+):(\d+)$/.exec(entry);
  return named?.[1] === undefined
    ? { host: entry, port: undefined }
    : { host: named[1], port: Number(named[2]) };
}

function readHost(host: string): NoProxy {
  const [network = '', prefix] = host.split('/');
  const family = familyOf(network);
  if (family !== undefined) {
    const bits = prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix);
    if (!Number.isInteger(bits) || bits < 0 || bits > (family === 'ipv4' ? 32 : 128)) return () => false;
    const block = new BlockList();
    block.addSubnet(network, bits, family);
    return (name) => {
      const kind = familyOf(name);
      return kind !== undefined && block.check(name, kind);
    };
  }
  const suffix = plainHost(host).replace(/^\*?\./, '');
  return (name) => suffix !== '' && (name === suffix || name.endsWith(`.${suffix}`));
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6';
}
