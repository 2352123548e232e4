/** Why a request is not even looked at, or undefined when it may pass. Loopback is the sandbox's only lock. */
export function refusal(request: {
  remoteAddress: string | undefined;
  host: string | undefined;
  origin: string | undefined;
  fetchSite: string | undefined;
  path: string;
}): string | undefined {
  if (!isLoopbackAddress(request.remoteAddress)) return 'only this machine may talk to the sandbox';
  // A page that made its own name point to 127.0.0.1 (DNS rebinding) still sends that name.
  if (request.host === undefined || !isLoopbackHost(request.host))
    return 'the Host header names no loopback address';
  // What a web page of another origin starts is never wanted, least of all in the administration.
  if (request.origin !== undefined && !isLoopbackOrigin(request.origin))
    return 'requests of web pages are refused';
  const administration = request.path.startsWith('/_sandbox');
  if (administration && request.origin !== undefined && request.origin !== `http://${request.host}`) {
    return 'cross-origin requests are refused';
  }
  // An image or a link of a page names no origin, and a GET can change things, too (`/?Action=DeleteRole…`).
  const fromElsewhere = !['same-origin', 'none', undefined].includes(request.fetchSite);
  if (fromElsewhere && (administration || request.origin === undefined)) {
    return 'cross-origin requests are refused';
  }
  return undefined;
}

/** 127.0.0.0/8, ::1 and IPv4 addresses mapped into IPv6. */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain === '::1' || /^127(\.\d{1,3}){3}$/.test(plain);
}

/** `localhost`, a name under `.localhost`, or a loopback address; with or without a port. */
export function isLoopbackHost(host: string): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i.exec(host);
  const name = match?.[1]?.toLowerCase();
  if (name === undefined) return false;
  return (
    name === 'localhost' || name.endsWith('.localhost') || isLoopbackAddress(name.replace(/^\[|\]$/g, ''))
  );
}

function isLoopbackOrigin(origin: string): boolean {
  const match = /^https?:\/\/(.+)$/.exec(origin);
  return match?.[1] !== undefined && isLoopbackHost(match[1]);
}
