import { createServer } from 'node:net';

/**
 * The port to listen on: as the setting says or, when that leaves it open, the one of last time if nobody else has it.
 * What was connected then finds it again.
 * @param setting 0 leaves it open
 * @param address of last time, with its port at the end
 */
export async function lastPort(setting: number, address: string | undefined): Promise<number> {
  const port = Number(/:(\d+)\/?$/.exec(address ?? '')?.[1] ?? 0);
  return setting !== 0 || port === 0 || !(await isFree(port)) ? setting : port;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
