import type { ClientRequest } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import type { LookupFunction } from 'node:net';

/** The agent that the editor puts in the place of those of extensions (@vscode/proxy-agent), as far as it is used. */
interface EditorAgent {
  resolver?: (request: ClientRequest, options: RequestOptions, url: string) => Promise<string | undefined>;
}

const nowhere: LookupFunction = (_host, _options, answer) => answer(new Error('unsent'), '');

/**
 * What the operating system says of proxies, which only the editor can find out. It has no function for that, but the
 * agent that it gives to each request knows. This one goes nowhere.
 */
export async function askEditor(url: string): Promise<string | undefined> {
  const unsent = request({ hostname: 'localhost', path: '/', method: 'HEAD', lookup: nowhere });
  unsent.on('error', () => undefined);
  unsent.destroy();
  const { resolver } = ((unsent as { agent?: unknown }).agent ?? {}) as EditorAgent;
  return typeof resolver === 'function' ? resolver(unsent, {}, url) : undefined;
}
