import type { MapFrame, MapMessage, MapScene, MapVehicle } from '../../src/protocol/map.ts';

const HOUR = Date.UTC(2026, 4, 4, 12);

export function scene(change: Partial<MapScene> = {}): MapScene {
  return {
    kind: 'scene',
    source: 'simulation',
    title: 'Golden Gate',
    routes: [],
    steers: ['pause', 'speed', 'jump', 'dtc', 'stop'],
    acts: ['show-payload', 'show-log', 'diagnose'],
    ...change,
  };
}

export function frame(vehicles: MapVehicle[], change: Partial<MapFrame> = {}): MapFrame {
  return {
    kind: 'frame',
    vehicles,
    run: { state: 'running', speed: 1, messagesPerSecond: vehicles.length },
    ...change,
  };
}

export function vehicle(
  vin: string,
  longitude: number,
  latitude: number,
  change: Partial<Omit<MapVehicle, 'place'>> & { place?: Partial<NonNullable<MapVehicle['place']>> } = {},
): MapVehicle {
  const { place, ...rest } = change;
  return {
    id: vin,
    vin,
    place: {
      longitude,
      latitude,
      heading: 90,
      speed: 14,
      odometer: 12_340,
      fuel: 41.5,
      time: HOUR,
      ...place,
    },
    trail: [],
    phase: 'driving',
    link: 'online',
    fraction: 0.25,
    acknowledged: 248,
    unacked: 1,
    lost: 0,
    troubleCodes: [],
    lastMessage: {
      time: HOUR,
      topic: `dt/cvra/${vin}/cardata`,
      type: 'sample',
      serial: 249,
      ackMs: 12,
    },
    ...rest,
  };
}

/** A line across San Francisco with bends. */
export const cityRoute: { name: string; points: [number, number][] } = {
  name: 'Across the city',
  points: Array.from({ length: 120 }, (_, i): [number, number] => [
    -122.51 + i * 0.001,
    37.76 + 0.012 * Math.sin(i / 9) + 0.00022 * i,
  ]),
};

/** One vehicle that has driven a part of the route, faster and slower. */
export function drive(vin: string, part = 0.7, seconds = 0): MapVehicle {
  const count = Math.floor(cityRoute.points.length * part);
  const trail = cityRoute.points.slice(0, count).map(([longitude, latitude], i) => ({
    longitude,
    latitude,
    speed: 16 + 16 * Math.sin(i / 11),
  }));
  const last = trail.at(-1)!;
  return vehicle(vin, last.longitude, last.latitude, {
    trail,
    fraction: part,
    place: { speed: last.speed, heading: 63, time: HOUR + seconds * 1000 },
  });
}

const phases = ['driving', 'driving', 'driving', 'driving', 'paused', 'waiting', 'ended', 'failed'] as const;

/** So many vehicles around the bay, in every phase, at a tick of their drive. */
export function fleet(count: number, tick = 0): MapVehicle[] {
  return Array.from({ length: count }, (_, i) => {
    const ring = 0.02 + (i % 97) * 0.004;
    const angle = i * 2.399963 + tick * 0.01;
    const phase = phases[i % phases.length]!;
    return vehicle(
      `CMS${String(i).padStart(14, '0')}`,
      -122.2 + ring * Math.cos(angle),
      37.72 + ring * Math.sin(angle),
      {
        phase,
        link: i % 23 === 0 ? 'offline' : 'online',
        place: { heading: ((angle * 180) / Math.PI + 90) % 360, speed: i % 31, time: HOUR + tick * 1000 },
        ...(i % 40 === 7 ? { troubleCodes: ['P0217', 'P1734'] } : {}),
        ...(phase === 'failed' ? { problem: 'The certificate is not active.' } : {}),
      },
    );
  });
}

/** A minute and a half of one drive, as frames a second apart. */
export function minutes(vin: string, seconds: number): MapMessage[] {
  return Array.from({ length: seconds }, (_, i) => {
    const part = 0.1 + (0.6 * i) / seconds;
    const at = cityRoute.points[Math.floor(cityRoute.points.length * part)]!;
    return frame([
      vehicle(vin, at[0], at[1], {
        fraction: part,
        place: { speed: 14 + 9 * Math.sin(i / 13), time: HOUR + i * 1000 },
      }),
    ]);
  });
}
