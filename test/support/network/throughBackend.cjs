/* global AbortController -- of Node */
// What the extension does over the network, with the bundle that it does it with (dist/backend.js), in a process that can
// be put into a network namespace, where a whole extension host would cost minutes: the SDK, a REST API, a watch, a
// message of a vehicle, and a drive of the whole fleet. Prints one line of JSON: how each of them ended.
const path = require('node:path');
const backend = require(path.join(__dirname, '../../../dist/backend.js'));

const { options, api, certificates, fleet, only } = JSON.parse(process.env.THROUGH_BACKEND);
const work = {
  signal: new AbortController().signal,
  clock: { now: () => Date.now(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
  random: Math.random,
  progress: ({ message, level }) => level !== 'debug' && said.push(JSON.stringify(message)),
};
const said = [];
const route = [
  [48.137, 11.575],
  [48.147, 11.58],
].map(([latitude, longitude]) => ({ latitude, longitude }));

async function main() {
  const results = {};
  const attempt = async (what, task) => {
    if (only !== undefined && !only.includes(what)) return;
    try {
      results[what] = { ok: true, value: await task() };
    } catch (error) {
      results[what] = {
        ok: false,
        code: error.code,
        message: String(error.message),
        remedy: error.remedy?.text,
      };
    }
  };
  const connection = await backend.createConnection(options, work);
  const device = await backend.startDevice({ command: path.join(__dirname, '../../../dist/device.js') });
  const store = backend.createCertificateStore(certificates);
  const simulated = (vins) =>
    backend.simulatedVehicles(
      vins.map((vin) => ({ vin, id: vin, thingName: vin })),
      { codec: backend.codecOf('cdf'), certificates: store, seed: 0, routes: 1 },
    );
  await attempt('sdk', async () => (await connection.identity()).accountId);
  await attempt('rest', async () => (await connection.http().send({ method: 'GET', url: api })).status);
  await attempt('watch', () => {
    const end = new AbortController();
    const state = (now) => now === 'online' && end.abort();
    const watching = { ...work, signal: end.signal };
    const deployment = { generation: 'cdf', telemetry: { codec: backend.codecOf('cdf'), live: true } };
    return backend
      .followTelemetry({ connection, deployment }, { message: () => undefined, state }, watching)
      .catch((error) => {
        if (error.code !== 'CANCELLED') throw error;
        return 'online';
      });
  });
  await attempt('device', async () => {
    const [{ identity }] = await simulated([fleet[0]]);
    const broker = await backend.brokerOf(connection);
    await device.publish({ broker, identity, clientId: fleet[0], messages: [], timeoutMs: 8000 }, work);
    return 'connected';
  });
  await attempt('fleet', async () => {
    const vehicles = await simulated(fleet);
    const request = {
      simulationId: backend.newSimulationId(Date.now()),
      generation: 'cdf',
      broker: await backend.brokerOf(connection),
      routes: [{ name: 'short', points: route }],
      vehicles,
      // Ends by itself when all have failed.
      durationMs: 60_000,
    };
    const running = backend.startSimulation(
      device,
      request,
      {
        // Enough is seen when all are on their way.
        update: ({ totals }) =>
          totals.acknowledged >= fleet.length && totals.online === fleet.length && running.stop(),
      },
      work,
    );
    const { vehicles: states } = await running.ended;
    const problems = states.flatMap(({ problem }) => (problem ? [problem.sentence] : []));
    return {
      connected: states.filter(({ connects }) => connects > 0).length,
      of: states.length,
      ...(problems.length > 0 ? { problems } : {}),
    };
  });
  device.dispose();
  connection.dispose();
  process.stdout.write(`${JSON.stringify({ results, said })}\n`);
}

void main();
