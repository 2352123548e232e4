import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Context } from '../../../kernel/context.ts';
import type { Table } from '../../../kernel/table.ts';

/** A call that the function behind the API refuses. */
export class BadRequest extends Error {}

/** A call at which it breaks. */
export class Broken extends Error {}

/** Names may have these characters; a topic may have slashes as well. */
const name = z.string().regex(/^[A-Za-z0-9\-_ ]*$/);
const topic = z.string().regex(/^[A-Za-z0-9\-_ /]*$/);

/** A value of a message, and how it is made up. */
export interface Attribute {
  name: string;
  type: string;
  static?: boolean | undefined;
  default?: string | number | boolean | undefined;
  precision?: number | undefined;
  length?: number | undefined;
  arr?: string[] | undefined;
  payload?: Attribute[] | undefined;
}

const attribute: z.ZodType<Attribute> = z.lazy(() =>
  z.looseObject({
    name,
    type: name,
    static: z.boolean().optional(),
    default: z.union([z.string(), z.number(), z.boolean()]).optional(),
    precision: z.number().optional(),
    length: z.number().optional(),
    arr: z.array(z.string()).optional(),
    payload: z.array(attribute).optional(),
  }),
);

const deviceType = z.object({ type_id: name, name, topic, payload: z.array(attribute) });
export type DeviceType = z.output<typeof deviceType> & { created_at: string };

const simulation = z.object({
  sim_id: name,
  name,
  duration: z.int().min(1),
  interval: z.int().min(1),
  /** The number is kept as text, whatever it came as. */
  devices: z.array(
    z.object({
      type_id: name,
      name,
      amount: z.union([z.int(), z.string().regex(/^\d+$/)]).transform(String),
    }),
  ),
});
export type Simulation = z.output<typeof simulation> & {
  stage: 'sleeping' | 'running';
  runs: number;
  last_run: string;
  current_run_arn: string;
  timestamp: string;
};

/** What the simulator keeps of one deployment. */
export interface Library {
  readonly types: Table<DeviceType>;
  readonly simulations: Table<Simulation>;
  readonly templates: Table<object>;
  /** Throw BadRequest for what is not allowed, Broken for what the original breaks at. */
  putType(body: unknown): void;
  putSimulation(body: unknown): void;
  /** A simulation with the types of its devices; breaks if one is gone. */
  merged(id: string): object;
}

/** Numbers with these names become floats, which the original's database client refuses. */
const FLOATS = ['min', 'max', 'lat', 'long', 'radius'];

export function createLibrary({ store, clock }: Context, app: string): Library {
  const table = <T>(what: string): Table<T> => store.table<T>(`cms-on-aws.simulator/${app}/${what}`);
  const types = table<DeviceType>('types');
  const simulations = table<Simulation>('simulations');
  const templates = table<object>('templates');
  const now = (): string => new Date(clock.now()).toISOString();

  function read<T extends z.ZodType>(schema: T, body: unknown, key: string): z.output<T> {
    // A member that is missing breaks the function before it looks at anything.
    if (typeof body !== 'object' || body === null || !(key in body)) throw new Broken(`'${key}'`);
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw new BadRequest('Invalid parameter');
    return parsed.data;
  }

  return {
    types,
    simulations,
    templates,
    putType(body) {
      const given = read(deviceType, body, 'type_id');
      if (hasFloat(given.payload))
        throw new Broken('Float types are not supported. Use Decimal types instead.');
      const id = given.type_id === '' ? randomUUID() : given.type_id;
      types.set(id, { ...given, type_id: id, created_at: now() });
    },
    putSimulation(body) {
      const given = read(simulation, body, 'sim_id');
      const id = given.sim_id === '' ? randomUUID() : given.sim_id;
      simulations.set(id, {
        ...given,
        sim_id: id,
        stage: 'sleeping',
        runs: 0,
        last_run: '',
        current_run_arn: '',
        timestamp: now(),
      });
    },
    merged(id) {
      const found = simulations.get(id);
      if (found === undefined) throw new Broken(`no simulation ${id}`);
      const devices = found.devices.map((device) => {
        const type = types.get(device.type_id);
        if (type === undefined) throw new Broken(`no type ${device.type_id}`);
        return { ...type, ...device };
      });
      return { ...found, devices };
    },
  };
}

function hasFloat(payload: readonly Attribute[]): boolean {
  return payload.some(
    (each) => FLOATS.some((key) => key in each) || (each.payload !== undefined && hasFloat(each.payload)),
  );
}
