/** What a request asks for: still percent-encoded, because routing comes before decoding. */
export interface Target {
  path: string;
  /** Without the question mark. */
  query: string;
}

/** A target and, when it came in absolute form, the host that it names. */
export interface RawTarget extends Target {
  authority: string | undefined;
}

/**
 * Cuts a request target: origin form (`/path?query`), or the absolute form that a client behind a proxy setting sends.
 * Undefined for anything else. It never throws, whatever the bytes: everything else on the port relies on that.
 */
export function splitTarget(raw: string): RawTarget | undefined {
  // RFC 3986 knows printable ASCII only, and a client keeps a fragment to itself.
  if (!/^[\x21\x22\x24-\x7e]+$/.test(raw)) return undefined;
  const [, authority, rest = raw] = /^https?:\/\/([^/?]*)(.*)$/i.exec(raw) ?? [];
  const at = rest.indexOf('?');
  const path = at < 0 ? rest : rest.slice(0, at);
  if (!path.startsWith('/') && (path !== '' || authority === undefined)) return undefined;
  return { authority, path: path === '' ? '/' : path, query: at < 0 ? '' : rest.slice(at + 1) };
}

/** The page for browsers, the one place below `/_sandbox` that is made for them. */
export const PAGE_PATH = '/_sandbox/ui';

/** Whether it is for `/_sandbox`, which no AWS has. */
export function isAdministration({ path }: Pick<Target, 'path'>): boolean {
  return path === '/_sandbox' || path.startsWith('/_sandbox/');
}
