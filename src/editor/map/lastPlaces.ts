import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { MapPlace, MapVehicle } from '../../protocol/map.ts';
import { roughDistance } from '../../telemetry/drive/position.ts';
import type { StackRef } from '../base/stackRef.ts';

const KEY = 'lastPlaces';
/** Of one stack, those that were heard of last. */
const MOST = 1000;
/** What the CMS and we saw within so many meters is one place. */
const SAME_METRES = 50;

const keptSchema = z.array(
  z.object({
    id: z.string(),
    vin: z.string(),
    longitude: z.number(),
    latitude: z.number(),
    heading: z.optional(z.number()),
    at: z.number(),
  }),
);
type Kept = z.infer<typeof keptSchema>;

/** A place that is known from before. `at` is milliseconds since 1970; undefined where nobody says when that was. */
export interface EarlierPlace {
  /** The thing's name. */
  id: string;
  vin: string;
  place: Pick<MapPlace, 'longitude' | 'latitude' | 'heading'>;
  at: number | undefined;
}

/** Where the vehicles of each stack were when this workspace last heard of them. */
export class LastPlaces {
  readonly #memory: vscode.Memento;

  /** @param memory of the workspace */
  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  of(ref: StackRef): EarlierPlace[] {
    return this.#kept(ref).map(({ id, vin, at, ...place }) => ({ id, vin, at, place }));
  }

  /** @param vehicles with the thing's name as their id */
  async keep(
    ref: StackRef,
    vehicles: readonly Pick<MapVehicle, 'id' | 'vin' | 'place' | 'earlier'>[],
  ): Promise<void> {
    const heard: Kept = vehicles.flatMap(({ id, vin, place, earlier }) => {
      if (place === undefined || earlier !== undefined) return [];
      const { longitude, latitude, heading, time: at } = place;
      return [{ id, vin, longitude, latitude, at, ...(heading !== undefined && { heading }) }];
    });
    if (heard.length === 0) return;
    const all = new Map([...this.#kept(ref), ...heard].map((each) => [each.id, each]));
    const latest = [...all.values()].toSorted((a, b) => b.at - a.at).slice(0, MOST);
    await this.#memory.update(keyOf(ref), latest);
  }

  #kept(ref: StackRef): Kept {
    const read = keptSchema.safeParse(this.#memory.get<unknown>(keyOf(ref), []));
    return read.success ? read.data : [];
  }
}

/** What the CMS says counts; it has no time, so ours stands for it where both mean one place. */
export function withOurTimes(ofCms: readonly EarlierPlace[], ours: readonly EarlierPlace[]): EarlierPlace[] {
  const byId = new Map(ours.map((each) => [each.id, each]));
  return ofCms.map((each) => {
    const own = byId.get(each.id);
    const isSame = own !== undefined && roughDistance(own.place, each.place) <= SAME_METRES;
    return isSame ? { ...each, at: own.at } : each;
  });
}

function keyOf({ connectionId, stack }: StackRef): string {
  return `${KEY}:${connectionId}/${stack}`;
}
