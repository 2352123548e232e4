import { randomBytes } from 'node:crypto';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Context } from '../../kernel/context.ts';
import { refuseSocket } from '../../kernel/edge/refuse.ts';
import type { UpgradeRequest } from '../../kernel/edge/upgrade.ts';
import { contained } from '../../kit/contained.ts';
import type { Json } from '../../kit/json.ts';
import type { Claims, Tokens } from '../../services/cognito/contract.ts';
import { callerOf } from './caller.ts';
import type { Data } from './data.ts';
import type { Identity } from './identity.ts';

/** The WebSocket API of one deployment: each connection gets what one fleet sends, or all. */
export interface LiveFeed {
  /** An upgrade for its address. */
  connect(request: UpgradeRequest): void;
  /** A message of a vehicle of a fleet. */
  push(fleetId: string, message: Json): void;
  /** Ends what is open for too long. Called every second. */
  tick(): void;
  /** Ends all of them. */
  close(): void;
}

interface Connection {
  readonly socket: WebSocket;
  readonly fleetId: string;
  readonly openedAt: number;
  /** When something was sent on it last, in either direction. */
  usedAt: number;
}

/** All fleets. */
const ALL = '*';
/** "Quotas for configuring and running a WebSocket API in API Gateway". */
const IDLE_MS = 10 * 60_000;
const LONGEST_MS = 2 * 3_600_000;
const LARGEST = 128 * 1024;
const MOST_UNSENT = 4 * 1024 * 1024;
const ROW_S = 86_400;
const GOING_AWAY = 1001;

export function createLiveFeed(
  context: Context,
  tokens: Pick<Tokens, 'claimsOf'>,
  data: Data,
  options: {
    readonly identity: () => Identity | undefined;
    readonly isPushed: () => boolean;
    /** Whether something before the API, such as a firewall, lets nobody through. */
    readonly isRefused: () => boolean;
  },
): LiveFeed {
  const { clock, log } = context;
  const connections = new Map<string, Connection>();
  const server = new WebSocketServer({ noServer: true, maxPayload: LARGEST, perMessageDeflate: false });
  const rows = () => data.storage('ws-connections');

  /** The fleet of a connection, or the status and the words it is refused with. */
  async function judge(query: URLSearchParams): Promise<string | { status: number; why: string }> {
    if (options.isRefused()) return { status: 403, why: 'Forbidden' };
    const identity = options.identity();
    const token = query.get('token') ?? '';
    const claims =
      identity === undefined || token === '' ? undefined : await tokens.claimsOf(identity.userPoolId, token);
    if (claims === undefined || claims.aud !== identity?.clientId)
      return { status: 401, why: 'Unauthorized' };
    return fleetOf(claims, query.get('fleetId') ?? '');
  }

  function fleetOf(claims: Claims, wanted: string): string | { status: number; why: string } {
    const caller = callerOf(claims, { stage: data.stage, asOf: data.switches().asOf });
    if (caller.isAdmin || caller.groups.includes('admin')) return wanted === '' ? ALL : wanted;
    if (wanted === '') return { status: 400, why: 'Missing fleetId' };
    const isForeign = caller.fleetIds.length > 0 && !caller.fleetIds.includes(wanted);
    return wanted === ALL || isForeign ? { status: 403, why: 'Forbidden' } : wanted;
  }

  function accept({ message, socket, head }: UpgradeRequest, fleetId: string): void {
    server.handleUpgrade(message, socket, head, (client) => {
      const id = randomBytes(11).toString('base64').replace(/=+$/, '=');
      const now = clock.now();
      const connection: Connection = { socket: client, fleetId, openedAt: now, usedAt: now };
      connections.set(id, connection);
      rows().put({ connectionId: id, fleetId, ttl: Math.floor(now / 1000) + ROW_S });
      client.on('close', () => forget(id));
      client.on('error', () => client.terminate());
      // There is no route for what a client says.
      client.on('message', () => {
        connection.usedAt = clock.now();
        client.send(JSON.stringify({ message: 'Forbidden', connectionId: id, requestId: id }));
      });
    });
  }

  function forget(id: string): void {
    connections.delete(id);
    contained(
      log,
      'a WebSocket',
      () => undefined,
      () => rows().remove({ connectionId: id }),
    );
  }

  return {
    connect(request) {
      const end = (): void => void request.socket.destroy();
      contained(log, 'a WebSocket', end, async () => {
        const judged = await judge(new URLSearchParams(request.target.query));
        if (typeof judged === 'string') {
          accept(request, judged);
          return;
        }
        log('info', `A WebSocket is refused: ${judged.why}`);
        refuseSocket(request.socket, judged.status, judged.why);
      });
    },
    push(fleetId, message) {
      if (!options.isPushed() || connections.size === 0) return;
      const text = JSON.stringify(message);
      for (const [id, connection] of connections) {
        if (connection.fleetId !== ALL && connection.fleetId !== fleetId) continue;
        // Without its row nobody pushes to it; it stays open.
        if (rows().get({ connectionId: id }) === undefined) continue;
        if (text.length > LARGEST || connection.socket.bufferedAmount > MOST_UNSENT) {
          rows().remove({ connectionId: id });
          continue;
        }
        connection.usedAt = clock.now();
        connection.socket.send(text);
      }
    },
    tick() {
      if (options.isRefused()) for (const { socket } of connections.values()) socket.terminate();
      const now = clock.now();
      for (const { socket, openedAt, usedAt } of connections.values()) {
        if (now - usedAt >= IDLE_MS || now - openedAt >= LONGEST_MS) socket.close(GOING_AWAY, 'Going away');
      }
    },
    close() {
      for (const { socket } of connections.values()) socket.terminate();
      connections.clear();
    },
  };
}
