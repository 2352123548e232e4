import type { ClientRequest } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import type { LookupFunction } from 'node:net';

/** The agent that the editor puts in the place of those of extensions (@vscode/proxy-agent), as far as it is used. */
interface EditorAgent {
  resolver?: (request: ClientRequest, options: Asked, url: string) => Promise<string | undefined>;
}

/** What that agent is asked with, and puts the roots of the system into. */
type Asked = RequestOptions & { _vscodeAdditionalCaCerts?: unknown };

/** It may never answer, when it cannot read the roots of the system. */
const WITHIN_MS = 5000;
const nowhere: LookupFunction = (_host, _options, answer) => answer(new Error('unsent'), '');

/**
 * What the operating system says of proxies, which only the editor can find out. It has no function for that, but the
 * agent that it gives to each request knows. This one goes nowhere.
 */
async function ask(url: string, options: Asked): Promise<string | undefined> {
  const unsent = request({ hostname: 'localhost', path: '/', method: 'HEAD', lookup: nowhere });
  unsent.on('error', () => undefined);
  unsent.destroy();
  const { resolver } = ((unsent as { agent?: unknown }).agent ?? {}) as EditorAgent;
  if (typeof resolver !== 'function') return undefined;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), WITHIN_MS)));
  try {
    return await Promise.race([resolver(unsent, options, url), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** In the words of a PAC file, such as `PROXY proxy.example.com:3128`. */
export function systemProxyFor(url: string): Promise<string | undefined> {
  return ask(url, {});
}

/** PEM of the roots of the operating system, which not every Node.js can read by itself. */
export async function systemRoots(): Promise<string[]> {
  const options: Asked = {};
  await ask('https://localhost/', options);
  const { _vscodeAdditionalCaCerts: found } = options;
  return Array.isArray(found) ? found.filter((pem) => typeof pem === 'string') : [];
}
