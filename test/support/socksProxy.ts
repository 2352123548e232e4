import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface SocksProxy {
  /** `socks5h://…`: the proxy looks up names. */
  readonly url: string;
  /** Host and port of each connection it was asked for. */
  readonly asked: string[];
  close(): Promise<void>;
}

const VERSION = 5;
const NO_LOGIN = 0;
const NAME = 3;

/** A SOCKS 5 proxy (RFC 1928) that wants no login and leads every name to one port of this machine, or refuses it. */
export async function startSocksProxy(
  to: number,
  /** The reply to a port, by its number in RFC 1928; 0 is none. */
  refuse: (port: number) => number = () => 0,
): Promise<SocksProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => client.destroy());
    client.once('data', () => {
      client.write(Buffer.from([VERSION, NO_LOGIN]));
      client.once('data', (request: Buffer) => {
        const length = request[4] ?? 0;
        const isName = request[3] === NAME;
        const host = isName ? request.subarray(5, 5 + length).toString() : 'an address';
        const port = request.readUInt16BE(request.length - 2);
        asked.push(`${host}:${port}`);
        const reply = refuse(port);
        if (reply !== 0) {
          client.end(Buffer.from([VERSION, reply, 0, 1, 0, 0, 0, 0, 0, 0]));
          return;
        }
        const far = connect(to, '127.0.0.1', () => {
          client.write(Buffer.from([VERSION, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
          client.pipe(far).pipe(client);
        });
        sockets.add(far);
        far.on('error', () => client.destroy());
        client.on('close', () => far.destroy());
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `socks5h://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
