import { type Command, InvalidArgumentError, Option } from 'commander';
import { defined } from '../core/defined.ts';
import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import {
  readEventRate,
  readScriptedDtc,
  readScriptedEvent,
  readTroubleCode,
} from '../device/client/scriptedEvents.ts';
import { rateSchema, speedSchema } from '../protocol/control.ts';
import { type SimulationRequest } from '../protocol/simulation.ts';
import type { Shard } from '../scale/shard.ts';
import type { Powertrain, Route } from '../telemetry/drive.ts';
import { eventNotes } from '../telemetry/drive/eventNotes.ts';
import { readRouteFile } from '../telemetry/routes/readRouteFile.ts';
import { shardOption } from './options.ts';

export interface DriveFlags {
  route: string;
  pick?: string;
  rate: number;
  speed: number;
  pace: 'drive' | 'points';
  seed: number;
  /** Seconds. */
  duration?: number;
  loop?: boolean;
  end?: 'stop' | 'loop' | 'ping-pong';
  from?: number;
  spread?: boolean;
  dtc?: Event[];
  event?: Event[];
  eventRate?: EventRates;
  powertrain?: Powertrain;
  shard?: Shard;
  /** False with --no-jobs. */
  jobs: boolean;
}

type Event = NonNullable<SimulationRequest['events']>[number];
type EventRates = NonNullable<SimulationRequest['eventRates']>;

export function withDrive(command: Command): Command {
  return command
    .optionsGroup('Drive:')
    .requiredOption(
      '--route <file>',
      'GPX, KML, KMZ, CSV, GeoJSON, TCX or another format of docs/simulations.md',
    )
    .option('--pick <route>', 'name or number of the route, when the file has several')
    .option('--rate <hz>', 'samples per second per vehicle', numberIn(rateSchema), 1)
    .option('--speed <factor>', 'time lapse, from 0.1 to 20', speedFactor, 1)
    .addOption(
      new Option(
        '--pace <pace>',
        '"drive" is realistic: slows for curves, traffic, and stops; "points" sends one point of the route per sample',
      )
        .choices(['drive', 'points'])
        .default('drive'),
    )
    .option('--seed <number>', 'equal seeds give equal drives', wholeNumber, 1)
    .option('--duration <seconds>', 'stop after this long', positive)
    .addOption(
      new Option('--end <what>', 'at the end of the route (default: stop)').choices([
        'stop',
        'loop',
        'ping-pong',
      ]),
    )
    .addOption(
      new Option('--loop', 'the same as --end loop: a new trip from the start of the route').conflicts('end'),
    )
    .option('--from <fraction>', 'where to start on the route, from 0 to 1', fraction)
    .addOption(
      new Option(
        '--spread',
        'spread the vehicles over the route; the default for several, unless events are set on a route driven once',
      ),
    )
    .option('--no-spread', 'start all vehicles at the beginning of the route')
    .option('--dtc <km:code>', 'trouble code at a distance of each trip; can be repeated', scriptedDtc)
    .option(
      '--event <km:what>',
      'the same for "braking" (hard), "oil" (overheated) or a trouble code; can be repeated',
      scriptedEvent,
    )
    .option(
      '--event-rate <what:times>',
      'random events, this many per 100 km: "dtc", "oil" or "braking"; can be repeated',
      eventRate,
    )
    .addOption(
      new Option(
        '--powertrain <kind>',
        'powertrain of all vehicles (default: from each vehicle’s fuel type)',
      ).choices(['combustion', 'electric']),
    )
    .option(
      '--shard <i/n>',
      'only this part of the vehicles, such as 3/40: all shards together are the same run',
      shardOption,
    )
    .option('--no-jobs', 'vehicles do not accept jobs (commands) from the cloud')
    .hook('preAction', (_, command) => {
      // commander's own check takes --no-spread for --spread.
      const { spread, from } = command.opts<DriveFlags>();
      if (spread !== true || from === undefined) return;
      command.error("error: option '--spread' cannot be used with option '--from <fraction>'", {
        code: 'commander.conflictingOption',
      });
    });
}

/**
 * Reads the routes of the file. What is returned says which of them so many vehicles take, all or the picked one, with
 * notes about the routes and the events on them. Both throw CmsError ROUTE_INVALID or REQUEST_INVALID.
 */
export async function routesOf(
  flags: DriveFlags,
  work: Pick<Work, 'signal' | 'progress' | 'clock'>,
): Promise<(vehicles: number) => { routes: Route[]; notes: Message[] }> {
  const { routes, notes } = await readRouteFile(flags.route, work);
  const { dtc = [], event = [] } = flags;
  return (vehicles) => {
    const chosen = choose(routes, flags, vehicles);
    // Vehicles take the routes in turn, so a small fleet does not use the last ones.
    const driven = chosen.slice(0, vehicles);
    const spreadOnce = isSpread(flags, vehicles) && endOf(flags) === 'stop';
    return { routes: chosen, notes: [...notes, ...eventNotes([...dtc, ...event], driven, { spreadOnce })] };
  };
}

function choose(routes: Route[], flags: DriveFlags, vehicles: number): Route[] {
  const names = routes.map(({ name }, i) => `${i + 1}. ${name}`).join(', ');
  if (flags.pick !== undefined) {
    const picked = routes.find(({ name }) => name === flags.pick) ?? routes[Number(flags.pick) - 1];
    if (picked) return [picked];
    const [file, route] = [flags.route, flags.pick];
    throw invalid(
      l10n.t('{file} has no route "{route}".', { file, route }),
      l10n.t('It has: {names}.', { names }),
    );
  }
  if (routes.length > 1 && vehicles === 1) {
    throw invalid(
      l10n.t('{file} has {count} routes.', { file: flags.route, count: routes.length }),
      l10n.t('Choose one with --pick: {names}.', { names }),
    );
  }
  return routes;
}

type SpreadFlags = Pick<DriveFlags, 'spread' | 'from' | 'loop' | 'end' | 'dtc' | 'event'>;

/**
 * Whether the vehicles of a fleet are spread over the route: as in the editor, several are unless something else is
 * said. Nor are they where that would take away what was asked for: events of a route that is driven once, which
 * vehicles that start past them never have.
 */
export function isSpread(flags: SpreadFlags, vehicles: number): boolean {
  const { spread, from, dtc = [], event = [] } = flags;
  const scripted = dtc.length + event.length > 0 && endOf(flags) === 'stop';
  return spread ?? (vehicles > 1 && from === undefined && !scripted);
}

const endOf = ({ end, loop }: Pick<DriveFlags, 'end' | 'loop'>) =>
  end ?? (loop === true ? ('loop' as const) : ('stop' as const));

/** The drive options of the simulation request. */
export function driveOf(flags: DriveFlags) {
  const { rate, speed, pace, duration, dtc = [], event = [], eventRate: eventRates = {} } = flags;
  return {
    rate,
    speed,
    pace,
    end: endOf(flags),
    events: [...dtc, ...event],
    eventRates,
    jobs: flags.jobs,
    ...defined({ durationMs: duration && duration * 1000 }),
  };
}

/** Parses a time-lapse factor, for commander. */
export const speedFactor = numberIn(speedSchema);

/** Parses a trouble code (`p1734` → `P1734`), for commander. */
export function troubleCode(text: string): string {
  const code = readTroubleCode(text);
  if (code === undefined)
    throw new InvalidArgumentError('A trouble code is a letter P, C, B or U and four digits, such as P0217.');
  return code;
}

function scriptedDtc(text: string, before: Event[] = []): Event[] {
  const event = readScriptedDtc(text);
  if (event === undefined)
    throw new InvalidArgumentError('It must be kilometers, a colon and a trouble code, such as 3:P0217.');
  return [...before, event];
}

function scriptedEvent(text: string, before: Event[] = []): Event[] {
  const event = readScriptedEvent(text);
  if (event === undefined)
    throw new InvalidArgumentError(
      'It must be kilometers, a colon and "braking", "oil" or a trouble code: 3:oil.',
    );
  return [...before, event];
}

function eventRate(text: string, before: EventRates = {}): EventRates {
  const rate = readEventRate(text);
  if (rate === undefined)
    throw new InvalidArgumentError('It must be "dtc", "oil" or "braking", a colon and a number: braking:2.');
  return { ...before, ...rate };
}

function numberIn(schema: typeof rateSchema): (text: string) => number {
  const { minValue, maxValue } = schema;
  return (text) => {
    const value = schema.safeParse(text.trim() === '' ? Number.NaN : Number(text));
    if (!value.success)
      throw new InvalidArgumentError(`It must be a number from ${minValue} to ${maxValue}.`);
    return value.data;
  };
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1e6)) throw new InvalidArgumentError('It must be seconds, more than 0.');
  return value;
}

function fraction(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('It must be from 0 to 1.');
  return value;
}

function invalid(sentence: Message, remedy: Message): CmsError {
  return new CmsError('REQUEST_INVALID', sentence, { remedy });
}
