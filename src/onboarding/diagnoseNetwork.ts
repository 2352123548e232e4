import { isIP } from 'node:net';
import type { Connection } from '../aws/connection.ts';
import type { NetworkPlan, PlannedHost } from '../aws/networkPlan.ts';
import { CmsError, isCmsError, sentenceOf } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import { causeOf } from '../network/causes.ts';
import { remedyOf, whyOf } from '../network/causeWords.ts';
import { endingIn } from '../network/awsHosts.ts';
import { handshake, isMqttAlert, mqttTls } from '../network/handshake.ts';
import { inspectorOf, isInspector, signerOf } from '../network/inspection.ts';
import { proxyName, type Way } from '../network/proxySettings.ts';
import type { RootSource } from '../network/roots.ts';
import type { Finding } from '../cms/contract/checks.ts';
import { deploymentHosts } from './deploymentHosts.ts';

const TIMEOUT_MS = 10_000;
/** Signatures are good for five minutes. */
const SKEW_MS = 4 * 60_000;
const MQTT_PORTS = [8883, 443];

/**
 * Looks at everything between this machine and AWS: proxies, roots, each host, the clock, and the ports of MQTT. Needs no
 * credentials; without them it is not known which host takes MQTT. Changes nothing. Ends with CANCELLED only.
 */
export async function* diagnoseNetwork(
  plan: NetworkPlan,
  connection: Pick<Connection, 'http' | 'mqttEndpoint' | 'cloudFormation' | 'endpoint'>,
  work: Work,
): AsyncGenerator<Finding> {
  yield {
    id: 'proxy',
    title: l10n.t('Proxy'),
    status: 'ok',
    message:
      plan.proxy === undefined
        ? l10n.t('None is set: hosts are reached directly.')
        : l10n.t('{proxy}, for HTTPS and MQTT.', { proxy: proxyName(plan.proxy) }),
  };
  const roots = await plan.roots();
  for (const source of roots.sources) yield rootsFrom(source);
  let reachable: PlannedHost | undefined;
  for (const host of plan.hosts) {
    const finding = await lookAt(host, roots.pems, work);
    if (finding.status !== 'fail') reachable ??= host;
    yield finding;
  }
  yield* apis(plan, connection, { pems: roots.pems, isReached: reachable !== undefined, work });
  yield await clock(reachable, connection, work);
  yield* mqtt(plan, connection, { pems: roots.pems, work });
}

/** The APIs of the deployments, as far as AWS says which there are. */
async function* apis(
  plan: NetworkPlan,
  connection: Pick<Connection, 'cloudFormation' | 'endpoint'>,
  { pems, isReached, work }: { pems: readonly string[]; isReached: boolean; work: Work },
): AsyncGenerator<Finding> {
  let hosts: PlannedHost[];
  try {
    if (!isReached) throw new CmsError('ENDPOINT_UNREACHABLE', l10n.t('No host could be reached.'));
    hosts = await deploymentHosts(connection, plan, work.signal);
  } catch (error) {
    if (isCmsError(error) && error.code === 'CANCELLED') throw error;
    yield {
      id: 'apis',
      title: l10n.t('APIs of CMS'),
      status: 'skip',
      message: l10n.t('AWS did not list the deployments: {why}', { why: sentenceOf(error) }),
      remedy: l10n.t('Ask for port 443 of {hosts} to be opened.', {
        hosts: `*.execute-api.${plan.region}.${endingIn(plan.region)}`,
      }),
    };
    return;
  }
  const known = new Set(plan.hosts.map(({ host, port }) => `${host}:${port}`));
  for (const host of hosts) if (!known.has(`${host.host}:${host.port}`)) yield await lookAt(host, pems, work);
}

function rootsFrom({ from, file, count, problem }: RootSource): Finding {
  const about = {
    id: `roots ${from}`,
    title: l10n.t('Roots for HTTPS of {source}', { source: file === undefined ? from : `${from} (${file})` }),
  };
  if (problem === undefined) {
    return {
      ...about,
      status: 'ok',
      message: l10n.plural(count, l10n.t('1 certificate.'), l10n.t('{count} certificates.', { count })),
    };
  }
  return {
    ...about,
    status: file === undefined ? 'skip' : 'warn',
    message: l10n.t('None: {problem}.', { problem }),
    ...(file === undefined ? {} : { remedy: l10n.t('Specify a readable PEM file, or remove the setting.') }),
  };
}

async function lookAt(host: PlannedHost, ca: readonly string[], work: Work): Promise<Finding> {
  const about = {
    id: `host ${host.host}`,
    title: l10n.t('{host}, port {port}', { host: host.host, port: host.port }),
  };
  const values = { way: wayWords(host.way) };
  // Plain HTTP of an endpoint of one's own: nothing to look at but the answer.
  if (!host.secure) return { ...about, status: 'skip', message: l10n.t('Plain HTTP, {way}.', values) };
  const options = {
    timeoutMs: TIMEOUT_MS,
    signal: work.signal,
    tls: { servername: isIP(host.host) === 0 ? host.host : '' },
  };
  try {
    return await handshake({ ...host, proxy: host.way, proxyRoots: ca, ca }, options, (socket): Finding => {
      const signer = signerOf(socket);
      if (!socket.authorized) {
        const error = socket.authorizationError as unknown;
        const cert = socket.getPeerCertificate();
        const cause = causeOf(typeof error === 'string' ? { code: error, cert } : error);
        return {
          ...about,
          status: 'fail',
          message: l10n.t('Its certificate is signed by {signer}: {why}.', {
            signer,
            why: cause === undefined ? l10n.verbatim(String(error)) : whyOf(cause),
          }),
          ...(cause === undefined ? {} : { remedy: remedyOf(cause) }),
        };
      }
      if (host.amazon && isInspector(signer)) {
        return {
          ...about,
          status: 'warn',
          message: l10n.t('Reached, {way}. TLS is inspected: its certificate is signed by {signer}.', {
            ...values,
            signer,
          }),
          remedy: l10n.t(
            'HTTPS works. MQTT with client certificates cannot pass: ask for an exception from inspection.',
          ),
        };
      }
      return {
        ...about,
        status: 'ok',
        message: l10n.t('Reached, {way}; signed by {signer}.', { ...values, signer }),
      };
    });
  } catch (error) {
    return { ...about, ...failed(error) };
  }
}

function wayWords(way: Way): Message {
  return way === undefined ? l10n.t('directly') : l10n.t('through {proxy}', { proxy: proxyName(way) });
}

function failed(error: unknown): Pick<Finding, 'status' | 'message' | 'remedy'> {
  if (isCmsError(error) && error.code === 'CANCELLED') throw error;
  const cause = causeOf(error);
  if (cause === undefined) return { status: 'fail', message: sentenceOf(error) };
  return {
    status: 'fail',
    message: l10n.t('Not reached: {why}.', { why: whyOf(cause) }),
    remedy: remedyOf(cause),
  };
}

async function clock(
  host: PlannedHost | undefined,
  connection: Pick<Connection, 'http'>,
  { clock: own, signal }: Work,
): Promise<Finding> {
  const about = { id: 'clock', title: l10n.t('Clock') };
  if (host === undefined)
    return { ...about, status: 'skip', message: l10n.t('No host could be reached to compare with.') };
  try {
    const { headers } = await connection.http().send({ method: 'GET', url: host.url, signal });
    const aheadMs = own.now() - Date.parse(headers.date ?? '');
    if (Number.isNaN(aheadMs))
      return {
        ...about,
        status: 'skip',
        message: l10n.t('{host} did not report the time.', { host: host.host }),
      };
    const seconds = Math.round(aheadMs / 1000);
    if (Math.abs(aheadMs) < SKEW_MS)
      return { ...about, status: 'ok', message: l10n.t('Matches {host}.', { host: host.host }) };
    return {
      ...about,
      status: 'fail',
      message:
        seconds > 0
          ? l10n.t('{seconds} s ahead of {host}.', { seconds, host: host.host })
          : l10n.t('{seconds} s behind {host}.', { seconds: -seconds, host: host.host }),
      remedy: l10n.t('Set the date and time of this computer, then try again.'),
    };
  } catch (error) {
    return { ...about, ...failed(error) };
  }
}

async function* mqtt(
  plan: NetworkPlan,
  connection: Pick<Connection, 'mqttEndpoint'>,
  { pems, work: { signal } }: { pems: readonly string[]; work: Work },
): AsyncGenerator<Finding> {
  let endpoint: { host: string; port: number; otherPort?: number };
  try {
    endpoint = await connection.mqttEndpoint(signal);
  } catch (error) {
    if (isCmsError(error) && error.code === 'CANCELLED') throw error;
    yield {
      id: 'mqtt',
      title: l10n.t('MQTT'),
      status: 'skip',
      message: l10n.t('AWS did not return the MQTT endpoint: {why}', { why: sentenceOf(error) }),
      remedy: l10n.t('Ask for ports 8883 and 443 of {hosts} to be opened.', {
        hosts: `*-ats.iot.${plan.region}.${endingIn(plan.region)}`,
      }),
    };
    return;
  }
  const { host } = endpoint;
  for (const port of endpoint.otherPort === undefined ? [endpoint.port] : MQTT_PORTS) {
    const about = { id: `mqtt ${port}`, title: l10n.t('MQTT: {host}, port {port}', { host, port }) };
    const way = await plan.wayTo({ secure: true, host, port });
    const values = { way: wayWords(way) };
    try {
      const options = { timeoutMs: TIMEOUT_MS, signal, tls: mqttTls({ host, port }) };
      const server = { host, port, proxy: way, proxyRoots: pems };
      const signer = await handshake(server, options, (socket) => inspectorOf(socket, host));
      if (signer === undefined) yield { ...about, status: 'ok', message: l10n.t('Open, {way}.', values) };
      else {
        yield {
          ...about,
          status: 'fail',
          message: l10n.t('Open, {way}. TLS is inspected: its certificate is signed by {signer}.', {
            ...values,
            signer,
          }),
          remedy: l10n.t('Ask for an exception from inspection for {host}.', { host }),
        };
      }
    } catch (error) {
      // It wants a certificate, so it is there.
      if (isMqttAlert(error)) yield { ...about, status: 'ok', message: l10n.t('Open, {way}.', values) };
      else yield { ...about, ...failed(error) };
    }
  }
}
