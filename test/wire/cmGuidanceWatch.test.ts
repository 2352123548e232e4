import assert from 'node:assert/strict';
import { ADMIN, type GuidanceBench, openGuidance } from '../support/guidanceBench.ts';

describe('Watching vehicles of Guidance for Connected Mobility from the command line', function () {
  this.timeout(180_000);
  let bench: GuidanceBench;
  let vin: string;
  let vehicleId: string;

  before(async () => {
    bench = await openGuidance(65_000);
    vin = bench.newVin();
    vehicleId = await bench.onboard(vin);
  });
  after(() => bench.close());
  afterEach(() => turn('working'));

  const turn = (websocket: 'working' | 'silent' | 'refused') =>
    bench.sandbox.ask('PUT', 'cm-guidance/dev', { websocket });
  const send = async (code: string): Promise<void> => {
    const run = await bench.cli(['dtc', ...bench.place(), '--username', ADMIN, '--vin', vin, '--code', code]);
    assert.equal(run.code, 0, `${run.stdout}\n${run.stderr}`);
  };

  /** Watches, and takes the steps one after the other, each when its words are there; ends after the last. */
  async function watch(...steps: [words: RegExp, act: () => Promise<unknown>][]) {
    const failures: unknown[] = [];
    let next = 0;
    let from = 0;
    const done = await bench.cli(
      ['watch', ...bench.place(), '--username', ADMIN, '--vin', vin, '--duration', '90', '--json'],
      {
        onOutput(child, text) {
          // Several lines may come at once.
          for (;;) {
            const step = steps[next];
            const match = step?.[0].exec(text.slice(from));
            if (step === undefined || match === null || match === undefined) return;
            next += 1;
            from += match.index + match[0].length;
            const isLast = next === steps.length;
            step[1]().then(
              () => isLast && child.kill('SIGINT'),
              (error: unknown) => {
                failures.push(error);
                child.kill('SIGINT');
              },
            );
          }
        },
      },
    );
    assert.deepEqual(failures, []);
    assert.equal(next, steps.length, `only ${next} of ${steps.length} came\n${done.stdout}\n${done.stderr}`);
    return done.objects();
  }
  const nothing = () => Promise.resolve();

  it('shows what the WebSocket pushes, and what the stream warns of', async () => {
    const lines = await watch(
      [/Watching the WebSocket/, () => send('P0217')],
      [/"type":"telemetry"/, nothing],
      // Of several, in no order.
      [/"type":"alert".*(engineTemp|coolant_temp)/, nothing],
    );
    const message = lines.find(({ type }) => type === 'telemetry') as Record<string, unknown>;
    assert.deepEqual([message.id, message.vin, message.topic], [vehicleId, vin, `cm-guidance/${vehicleId}`]);
    const place = message.place as Record<string, number>;
    assert.equal(place.fuel, undefined);
    assert.ok((place.fuelLevel ?? -1) >= 0 && (place.fuelLevel ?? 2) <= 1);
    const alert = lines.find(
      ({ type, text }) => type === 'alert' && /engineTemp|coolant_temp/.test(String(text)),
    );
    assert.equal(alert?.vin, vin);
  });

  it('asks the API when the WebSocket is cut and refused, says so, and goes back to it', async () => {
    const lines = await watch(
      [/Watching the WebSocket/, () => send('P0520')],
      [/"type":"telemetry"/, () => turn('refused')],
      [/\(403\).*The API of the CMS is asked instead/, () => send('P0562')],
      [/"type":"location"/, () => turn('working')],
      [/Watching the WebSocket/, () => send('P0217')],
      [/"type":"telemetry"/, nothing],
    );
    // The API tells where a vehicle is, and nothing else.
    const asked = lines.find(({ type }) => type === 'location');
    assert.deepEqual(Object.keys(asked?.place as object), ['latitude', 'longitude']);
  });

  it('asks the API when the WebSocket is silent although there is something newer, and says so', async () => {
    await turn('silent');
    await watch(
      [/Watching the WebSocket/, () => send('P0217')],
      [/is silent although there is newer telemetry/, nothing],
      [/"type":"location"/, nothing],
    );
  });

  it('finds trips, events, alerts and trouble codes in what is known of the vehicle', async () => {
    await send('P0217');
    const run = await bench.cli(['vehicles', ...bench.place(), '--username', ADMIN, '--json']);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /P0217/);
  });
});
