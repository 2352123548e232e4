import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Target } from './target.ts';

/** A client of the HTTP port that the guard let in, and that asked for another protocol. */
export interface UpgradeRequest {
  message: IncomingMessage;
  socket: Duplex;
  /** What it sent already. */
  head: Buffer;
  target: Target;
}

export type Upgrade = (request: UpgradeRequest) => void;
