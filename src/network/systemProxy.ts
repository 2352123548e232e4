import { defined } from '../core/defined.ts';
import type { ProxyServer, Target, Way } from './proxySettings.ts';

/** What a system says for an address, in the words of a PAC file: `PROXY proxy.example.com:3128; DIRECT`. */
export type AskSystem = (url: string) => Promise<string | undefined>;

/** The proxies that an operating system knows, by PAC files too. Only an editor can ask for them. */
export interface SystemProxy {
  find(target: Target): Promise<Way>;
  /** What was found last for this target. */
  last(target: Target): Way;
}

/** Schemes by the words of a PAC file (the names are looked up by the proxy). */
const SCHEMES: Readonly<Record<string, string>> = {
  PROXY: 'http',
  HTTP: 'http',
  HTTPS: 'https',
  SOCKS: 'socks5h',
  SOCKS5: 'socks5h',
  SOCKS4: 'socks4a',
};

/** @param authorization a whole `Proxy-Authorization` header for all of them */
export function systemProxy(ask: AskSystem, authorization?: string): SystemProxy {
  const known = new Map<string, ProxyServer>();
  const keyOf = ({ secure, host, port }: Target) => `${String(secure)} ${host}:${port}`;
  return {
    async find(target) {
      const { secure, host, port } = target;
      const name = host.includes(':') ? `[${host}]` : host;
      // Who cannot say knows none.
      const said = await ask(`${secure ? 'https' : 'http'}://${name}:${port}/`).catch(() => undefined);
      const url = firstOf(said ?? '');
      const way = url === undefined ? undefined : { url, ...defined({ authorization }) };
      if (way === undefined) known.delete(keyOf(target));
      else known.set(keyOf(target), way);
      return way;
    },
    last: (target) => known.get(keyOf(target)),
  };
}

/** The first that is named counts: whether it works, the connection itself finds out. */
function firstOf(said: string): string | undefined {
  const [word = '', address] = (said.split(';')[0] ?? '').trim().split(/\s+/);
  const scheme = SCHEMES[word.toUpperCase()];
  if (scheme === undefined || address === undefined) return undefined;
  const url = `${scheme}://${address}`;
  return URL.canParse(url) ? new URL(url).href : undefined;
}
