import assert from 'node:assert/strict';
import { english } from '../../../src/core/wording.ts';
import type {
  AcknowledgedMessage,
  SimulationTotals,
  VehicleState,
} from '../../../src/protocol/simulation.ts';
import { DriveMeter, summaryWords } from '../../../src/text/driveSummary.ts';
import { measuresIn } from '../../../src/text/measures.ts';

const totals = { vehicles: 1, acknowledged: 4, lost: 0, resent: 0 } as SimulationTotals;

function message(at: { vin?: string; speed: number; fuel: number; charge?: number }): AcknowledgedMessage {
  const { vin = 'A', ...place } = at;
  return {
    ...{ vin, serial: 1, topic: 't', type: 'sample', time: 0, ackMs: 1 },
    place: { latitude: 0, longitude: 0, heading: 0, odometer: 0, ...place },
  };
}
const state = (metres: number, connects = 1) => ({ vin: 'A', metres, connects }) as VehicleState;
const words = (meter: DriveMeter, states: VehicleState[], of = totals): string =>
  summaryWords(meter.figures(of, states)).map(english).join(', ');

describe('The summary of a drive', () => {
  it('has distance, time, speeds, fuel and messages', () => {
    const meter = new DriveMeter();
    // 10 and 30 m/s, half of the time each: 20 m/s on average, so 6 km take 300 s.
    const messages = [
      message({ speed: 10, fuel: 40 }),
      message({ speed: 30, fuel: 39.5 }),
      message({ speed: 10, fuel: 39.5 }),
      message({ speed: 30, fuel: 39.3 }),
    ];
    meter.add({ messages, omitted: 0 });
    assert.equal(
      words(meter, [state(6000)]),
      '6.0 km in 5 min 0 s, average 72 km/h, top speed 108 km/h, 0.7 L of fuel, 4 messages acknowledged',
    );
  });

  it('is in miles, mph and gallons for the US', () => {
    const meter = new DriveMeter();
    // 1 mi = 1609.344 m, 1 mph = 0.44704 m/s, 1 US gal = 3.785411784 L.
    const messages = [50, 70].map((mph, i) => message({ speed: mph * 0.44704, fuel: 40 - i * 3.785411784 }));
    meter.add({ messages, omitted: 0 });
    const figures = meter.figures(totals, [state(16_093.44)]);
    assert.equal(
      summaryWords(figures, measuresIn('us')).map(english).join(', '),
      '10.0 mi in 10 min 0 s, average 60 mph, top speed 70 mph, 1.0 gal of fuel, 4 messages acknowledged',
    );
  });

  it('says of several vehicles that distance and time are those of all together', () => {
    const meter = new DriveMeter();
    // 20 m/s: 3 km take each of them 150 s.
    const sent = [1, 2].flatMap(() => ['A', 'B'].map((vin) => message({ vin, speed: 20, fuel: 40 })));
    meter.add({ messages: sent, omitted: 0 });
    assert.match(
      words(meter, [state(3000), state(3000)], { ...totals, vehicles: 2 }),
      /^6\.0 km and 5 min 0 s of driving in total, average 72 km\/h, /,
    );
  });

  it('counts each vehicle’s own tank and battery, and does not take a filled one for used', () => {
    const meter = new DriveMeter();
    meter.add({
      messages: [message({ speed: 1, fuel: 10 }), message({ vin: 'B', speed: 1, fuel: 60 })],
      omitted: 0,
    });
    meter.add({
      messages: [message({ speed: 1, fuel: 60 }), message({ vin: 'B', speed: 1, fuel: 59 })],
      omitted: 0,
    });
    const charged = (vin: string, charge: number) => message({ vin, speed: 1, fuel: 0, charge });
    meter.add({ messages: [charged('C', 0.9), charged('C', 0.65)], omitted: 0 });
    const { fuel, charge } = meter.figures(totals, []);
    assert.equal(fuel, 1);
    assert.equal(Math.round(charge * 100), 25);
  });

  it('says what was lost, how often it had to connect again, and which trouble codes came', () => {
    const meter = new DriveMeter();
    const code = (text: string): AcknowledgedMessage => ({
      ...{ vin: 'A', serial: 1, topic: 't', type: 'trouble', time: 0, ackMs: 1 },
      code: text,
    });
    meter.add({ messages: [code('P0300'), code('P0217'), code('P0300')], omitted: 2 });
    assert.equal(
      words(meter, [state(0, 3), state(0)], { ...totals, acknowledged: 5, lost: 2 }),
      '0.0 km, 5 messages acknowledged, speeds and codes from 3 of them, 2 lost, 2 reconnects, trouble codes: P0217, P0300',
    );
  });
});
