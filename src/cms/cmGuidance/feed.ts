import { CmsError, cancelled, isCmsError, messageOf, throwIfAborted } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { fullJitter, type Retrying } from '../../core/retry.ts';
import { keepSecret } from '../../core/secrets.ts';
import type { Reading } from '../../telemetry/codec.ts';
import { refuseExposed } from '../../aws/exposed.ts';
import type { TokenSource } from '../../aws/cognito/session.ts';
import type { Feed, FeedHandlers } from '../contract/telemetry.ts';
import { isAdmin, seesAll } from './claims.ts';
import { readingOf } from './codec/decode.ts';
import { createDirectory, type Directory } from './directory.ts';
import type { Location } from './shapes.ts';
import type { Sources } from './sources.ts';

const CONNECT_TIMEOUT_MS = 15_000;
/** API Gateway sends no more in one message. */
const MOST_MESSAGE_BYTES = 256 * 1024;
/** Without a push for so long the API is asked whether there should have been one, and how often it is asked then. */
const SILENT_MS = 60_000;
const POLL_MS = 5000;
/** API Gateway ends a WebSocket after two hours; a fresh one, with a fresh token, before. */
const RENEW_MS = 110 * 60_000;
const RECONNECT = fullJitter(1000, 30_000);

/**
 * Telemetry by the WebSocket of the CMS, of one fleet or of all. It needs no subscription, and may fall silent without a
 * word: then the API is asked, which says so.
 */
export function createFeed(
  sources: Sources,
  { url, tokens }: { url: string | undefined; tokens: TokenSource },
): Feed {
  return {
    source: l10n.t('the WebSocket of the CMS'),
    async follow(vehicles, handlers, work) {
      const { signal } = work;
      const claims = await sources.entry.claims(signal);
      const directory = createDirectory(sources, vehicles);
      await directory.refresh(signal);
      // An admin has one connection for all; others have one for each of their fleets.
      const fleets = isAdmin(claims) ? [undefined] : await fleetsOf(sources, claims.fleetIds, signal);
      const scope = seesAll(claims) ? undefined : fleets.flatMap((id) => id ?? []);
      const state = { heardAt: -Infinity, isPolling: false, isLost: false };
      const newest = new Map<string, number>();
      const heard: FeedHandlers = {
        ...handlers,
        reading(reading, text) {
          state.heardAt = work.clock.now();
          const { id = reading.thingName, time } = reading;
          // One without a time says nothing of how new the positions are that are polled.
          if (time !== undefined) newest.set(id, Math.max(time, newest.get(id) ?? 0));
          handlers.reading(reading, text);
        },
        state(now, ...why) {
          state.isLost = now === 'offline';
          handlers.state?.(now, ...why);
        },
      };
      const stop = new AbortController();
      const ending = AbortSignal.any([signal, stop.signal]);
      const inner = { ...work, signal: ending };
      try {
        return await Promise.race([
          ...(url === undefined
            ? []
            : fleets.map((fleetId) => listen({ sources, url, tokens, fleetId, directory }, heard, inner))),
          fallBack({ sources, directory, scope, state, newest, isAlone: url === undefined }, handlers, inner),
        ]);
      } finally {
        stop.abort();
      }
    },
  };
}

async function fleetsOf(
  { api }: Sources,
  own: readonly string[],
  signal: AbortSignal,
): Promise<readonly (string | undefined)[]> {
  return own.length > 0 ? own : (await api.fleets(signal)).map(({ fleetId }) => fleetId);
}

interface Listening {
  sources: Sources;
  url: string;
  tokens: TokenSource;
  fleetId: string | undefined;
  directory: Directory;
}

/** One connection, made again whenever it is lost. */
async function listen(listening: Listening, handlers: FeedHandlers, work: Retrying): Promise<never> {
  for (let failures = 0; ;) {
    throwIfAborted(work.signal);
    try {
      await connectOnce(listening, handlers, work, () => {
        failures = 0;
        handlers.state?.('online');
      });
    } catch (error) {
      throwIfAborted(work.signal);
      const why = isCmsError(error) ? error : lost(l10n.verbatim(messageOf(error)), error);
      handlers.state?.('offline', why, POLLED);
      await work.clock.sleep(RECONNECT(++failures, work.random), work.signal);
    }
  }
}

const POLLED = l10n.t('The API of the CMS is asked instead, every {seconds} seconds.', {
  seconds: POLL_MS / 1000,
});

/** Resolves when it is time for a fresh connection; rejects when it was lost or refused. */
async function connectOnce(
  { sources: { connection }, url, tokens, fleetId, directory }: Listening,
  handlers: FeedHandlers,
  { signal, clock }: Retrying,
  opened: () => void,
): Promise<void> {
  refuseExposed(url, 'token');
  const token = await tokens.idToken(signal);
  keepSecret(token);
  const address = new URL(url);
  address.searchParams.set('token', token);
  if (fleetId !== undefined) address.searchParams.set('fleetId', fleetId);
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(address, {
    agent: connection.agent,
    handshakeTimeout: CONNECT_TIMEOUT_MS,
    maxPayload: MOST_MESSAGE_BYTES,
  });
  const over = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('open', opened);
      socket.on('error', reject);
      socket.once('close', (code) => reject(lost(l10n.t('the connection was closed ({code})', { code }))));
      socket.once('unexpected-response', (request, response) => {
        const status = response.statusCode ?? 0;
        request.destroy();
        // What comes of its end is no news.
        socket.on('error', () => undefined);
        if (status === 401) void tokens.renew(token, signal).catch(() => undefined);
        reject(refusedUpgrade(status, fleetId));
      });
      socket.on('message', (data) => {
        const text = (Buffer.isBuffer(data) ? data : Buffer.concat([data].flat() as Buffer[])).toString(
          'utf8',
        );
        const reading = readingOf(text);
        const named = reading && directory.name(reading);
        if (named !== undefined) handlers.reading(named, text);
      });
      signal.addEventListener('abort', () => reject(cancelled('watch')), { signal: over.signal });
      clock.sleep(RENEW_MS, over.signal).then(resolve, () => undefined);
    });
  } finally {
    over.abort();
    socket.on('error', () => undefined);
    socket.terminate();
  }
}

/** Asks the API while nothing is pushed although there is something newer. */
async function fallBack(
  {
    sources: { api },
    directory,
    scope,
    state,
    newest,
    isAlone,
  }: {
    sources: Sources;
    directory: Directory;
    /** The fleets that one may see, for the API tells everybody of all; undefined for who sees every fleet. */
    scope: readonly string[] | undefined;
    state: { heardAt: number; isPolling: boolean; isLost: boolean };
    /** When the newest telemetry of each vehicle was made, pushed or asked for: milliseconds since 1970. */
    newest: Map<string, number>;
    isAlone: boolean;
  },
  handlers: FeedHandlers,
  { signal, clock }: Retrying,
): Promise<never> {
  const since = clock.now();
  if (isAlone) handlers.state?.('online', undefined, POLLED);
  for (;;) {
    await clock.sleep(POLL_MS, signal);
    const silentMs = clock.now() - Math.max(state.heardAt, since);
    const isSilent = state.isLost || silentMs >= SILENT_MS || !Number.isFinite(state.heardAt);
    if (!isAlone && !isSilent) {
      state.isPolling = false;
      continue;
    }
    let locations: readonly Location[];
    try {
      locations = await api.locations(signal);
    } catch (error) {
      throwIfAborted(signal);
      if (isCmsError(error)) handlers.state?.('offline', error);
      continue;
    }
    for (const { vehicleId, fleetId, lat, lng, lastUpdate } of locations) {
      if (scope !== undefined && !scope.includes(fleetId ?? '')) continue;
      if (lastUpdate === undefined) continue;
      // Whole seconds: what was pushed is of the same second, or a later one.
      const time = lastUpdate * 1000;
      const before = newest.get(vehicleId);
      newest.set(vehicleId, Math.max(time, before ?? 0));
      if (lat === undefined || lng === undefined || time <= (before ?? since)) continue;
      const reading: Reading = {
        ...{ thingName: vehicleId, id: vehicleId, vin: undefined, type: 'location', serial: undefined, time },
        ...{ tripId: undefined, code: undefined },
        // The rest is not said.
        place: { latitude: lat, longitude: lng },
      };
      const named = directory.name(reading);
      if (named === undefined) continue;
      // Where the connection is lost, that was said.
      if (!state.isPolling && !isAlone && !state.isLost) handlers.state?.('online', undefined, SILENT);
      state.isPolling = true;
      handlers.reading(named, JSON.stringify({ vehicleId, lat, lng, timestamp: time }));
    }
  }
}

const SILENT = l10n.t(
  'The WebSocket of the CMS is silent although there is newer telemetry: the API is asked instead, every {seconds} seconds.',
  { seconds: POLL_MS / 1000 },
);

function refusedUpgrade(status: number, fleetId: string | undefined): CmsError {
  const where = fleetId ?? '*';
  const details = { status };
  if (status === 401) {
    return new CmsError('CMS_UNAUTHORIZED', l10n.t('The WebSocket of the CMS refused the token (401).'), {
      ...{ step: 'watch', details, remedy: l10n.t('Sign in again.') },
    });
  }
  if (status === 403 || status === 400) {
    return new CmsError(
      'CMS_UNAUTHORIZED',
      l10n.t('The WebSocket of the CMS does not let you watch the fleet {fleet} ({status}).', {
        fleet: where,
        status,
      }),
      {
        ...{ step: 'watch', details },
        remedy: l10n.t(
          'Have the fleet added to your user (custom:fleetIds), then sign in again: the fleets stand in the token.',
        ),
      },
    );
  }
  return lost(l10n.t('what answered (status {status}) isn’t a WebSocket', { status }));
}

function lost(why: Message, cause?: unknown): CmsError {
  return new CmsError('ENDPOINT_UNREACHABLE', l10n.t('The WebSocket of the CMS was lost: {why}.', { why }), {
    ...{
      step: 'watch',
      cause,
      remedy: l10n.t('Check the network; the stack ws-fanout has to be deployed and running.'),
    },
  });
}
