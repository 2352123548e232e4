import { defined } from '../core/defined.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { keepSecret } from '../core/secrets.ts';
import { plainHost, readNoProxy, type NoProxy } from './noProxy.ts';
import { systemProxy, type AskSystem, type SystemProxy } from './systemProxy.ts';
import { isThisMachine } from './thisMachine.ts';

/** What this machine says about proxies. */
export interface ProxySettings {
  /** For HTTPS and for MQTT over TLS. */
  secure: ProxyServer | undefined;
  /** For plain HTTP. */
  plain: ProxyServer | undefined;
  noProxy: NoProxy;
  /** Asked where neither of these is set. */
  system?: SystemProxy | undefined;
}

/** A proxy, and how it learns who asks. Secret: the address may hold a password. */
export interface ProxyServer {
  /** With scheme and port: http, https, socks, socks4, socks4a, socks5 or socks5h. */
  url: string;
  /** A whole `Proxy-Authorization` header, for an address without user and password. */
  authorization?: string | undefined;
}

/** How one host is reached: through this proxy, or directly (undefined). */
export type Way = ProxyServer | undefined;

/** Where somebody wants to go. */
export interface Target {
  /** Whether TLS is spoken with it. */
  secure: boolean;
  host: string;
  port: number;
}

/** Of `http:`, `https:`, `ws:` and `wss:`. */
export function targetOfUrl(url: string): Target {
  const { protocol, hostname, port } = new URL(url);
  const secure = /^(https|wss):$/.test(protocol);
  return { secure, host: plainHost(hostname), port: Number(port || (secure ? 443 : 80)) };
}

/** What an editor is told about proxies in its settings; empty texts and lists count as not set. */
export interface EditorProxy {
  proxy?: string | undefined;
  noProxy?: readonly string[] | undefined;
  authorization?: string | undefined;
  /** What the operating system says; asked where nothing else names a proxy. */
  system?: AskSystem | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const SCHEMES = /^(https?|socks(4a?|5h?)?):$/;

/**
 * The proxies of the settings of an editor, else of the environment: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and
 * `NO_PROXY`, in small letters first, as curl and the AWS CLI read them.
 * @throws CmsError REQUEST_INVALID for an address that is none; it names the variable, never the address
 */
export function readProxySettings(env: Environment, editor: EditorProxy = {}): ProxySettings {
  const ofEditor = editor.noProxy ?? [];
  const ofEnvironment = variable(env, 'NO_PROXY') ?? '';
  const authorization = filled(editor.authorization);
  keepSecret(authorization);
  const fromEditor = filled(editor.proxy);
  if (fromEditor !== undefined) {
    const server = signedIn(proxyUrl(fromEditor, 'http.proxy'), authorization);
    const listed = ofEditor.length > 0 ? ofEditor.join(',') : ofEnvironment;
    return { secure: server, plain: server, noProxy: readNoProxy(listed) };
  }
  const server = (name: string): ProxyServer | undefined => {
    const value = variable(env, name);
    return value === undefined ? undefined : signedIn(proxyUrl(value, name), authorization);
  };
  const all = server('ALL_PROXY');
  return {
    secure: server('HTTPS_PROXY') ?? all,
    plain: server('HTTP_PROXY') ?? all,
    // The list of the environment goes with its proxy; what the editor exempts is exempt from any.
    noProxy: readNoProxy([ofEnvironment, ...ofEditor].join(',')),
    system: editor.system === undefined ? undefined : systemProxy(editor.system, authorization),
  };
}

/** What an address says of who asks goes before the header of a setting, which is for all proxies. */
function signedIn(url: string, authorization: string | undefined): ProxyServer {
  const { username, password } = new URL(url);
  return {
    url,
    ...defined({ authorization: username === '' && password === '' ? authorization : undefined }),
  };
}

/** The way to a host. This machine itself is never reached through a proxy. */
export async function findWay(settings: ProxySettings, target: Target): Promise<Way> {
  return isDirect(settings, target)
    ? undefined
    : (serverFor(settings, target) ?? settings.system?.find(target));
}

/** The same without asking the system, which has been asked before. */
export function wayTo(settings: ProxySettings, target: Target): Way {
  return isDirect(settings, target)
    ? undefined
    : (serverFor(settings, target) ?? settings.system?.last(target));
}

function isDirect({ noProxy }: ProxySettings, { host, port }: Target): boolean {
  return isThisMachine(host) || noProxy(host, port);
}

function serverFor({ secure, plain }: ProxySettings, target: Target): Way {
  return target.secure ? secure : plain;
}

/** A proxy as people may see it: without user and password. */
export function proxyName({ url }: ProxyServer): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

function variable(env: Environment, name: string): string | undefined {
  return filled(env[name.toLowerCase()]) ?? filled(env[name]);
}

function filled(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

/** Scripts that choose a proxy, in place of one: their addresses end in `.pac` or `wpad.dat`, or begin with `pac+`. */
const SCRIPT = /^pac\+|\.pac$|\/wpad\.dat$/i;

/** An address without a scheme is one of an HTTP proxy. */
function proxyUrl(text: string, where: string): string {
  if (SCRIPT.test(text.split(/[?#]/)[0] ?? '')) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('{where} points to a PAC file, a script that chooses a proxy. Such scripts are not run.', {
        where,
      }),
      {
        remedy: l10n.t(
          'Specify the proxy itself (http://proxy.example.com:3128). It is in the PAC file, after the word PROXY.',
        ),
      },
    );
  }
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !SCHEMES.test(url.protocol) || url.hostname === '') {
    throw new CmsError('REQUEST_INVALID', l10n.t('{where} is not the address of a proxy.', { where }), {
      remedy: l10n.t('Write it as http://proxy.example.com:3128, or remove it.'),
    });
  }
  keepSecret(url.password);
  try {
    keepSecret(decodeURIComponent(url.password));
    decodeURIComponent(url.username);
  } catch {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('The user name or password in {where} has a percent sign that is not part of an escape.', {
        where,
      }),
      { remedy: l10n.t('Write each percent sign in it as %25.') },
    );
  }
  return url.href;
}
