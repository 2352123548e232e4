import { defined } from '../../core/defined.ts';
import { redact } from '../../core/secrets.ts';
import type { MapMessage, MapRun, MapVehicle } from '../../protocol/map.ts';

/** The same VINs and topics come ten times a second. */
const MOST_KEPT = 20_000;
const kept = new Map<string, string>();

/** A message to the map's page without the secrets of this process, in whatever somebody named or answered. */
export function withoutSecrets(message: MapMessage): MapMessage {
  switch (message.kind) {
    case 'scene':
      return {
        ...message,
        title: clean(message.title),
        routes: message.routes.map((route) => ({ ...route, name: clean(route.name) })),
        ...defined({ note: message.note === undefined ? undefined : clean(message.note) }),
      };
    case 'frame': {
      const { run, vehicles } = message;
      return { ...message, vehicles: vehicles.map(vehicleOf), ...defined({ run: run && runOf(run) }) };
    }
    case 'select':
    case 'loaded':
    case 'route-saved':
      return message;
  }
}

function vehicleOf(vehicle: MapVehicle): MapVehicle {
  const { vin, troubleCodes, lastMessage, problem } = vehicle;
  const last = lastMessage && {
    ...lastMessage,
    topic: clean(lastMessage.topic),
    type: clean(lastMessage.type),
  };
  return {
    ...vehicle,
    vin: clean(vin),
    troubleCodes: troubleCodes.map(clean),
    ...defined({ lastMessage: last, problem: problem && clean(problem) }),
  };
}

function runOf(run: MapRun): MapRun {
  return { ...run, ...defined({ note: run.note && clean(run.note) }) };
}

function clean(text: string): string {
  const known = kept.get(text);
  if (known !== undefined) return known;
  if (kept.size >= MOST_KEPT) kept.clear();
  const without = redact(text);
  kept.set(text, without);
  return without;
}
