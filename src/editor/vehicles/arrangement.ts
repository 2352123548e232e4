/** What vehicles can be filtered, grouped and sorted by. */
export type Property = 'owner' | 'model' | 'state' | 'tag';

/** A filter by a value that a property has, or by any part of what is known of a vehicle. */
export type Filter = { property: Property; value: string } | { text: string };

/** How a list of vehicles is shown; all of it, in the order of its CMS, without any of this. */
export interface Arrangement {
  filter?: Filter;
  group?: Property;
  sort?: Property | 'vin';
}

/** What of a vehicle an arrangement looks at. Words of the window's language. */
export interface VehicleFacts {
  vin: string;
  id: string;
  owners: readonly string[];
  model: string;
  state: string;
  tags: readonly string[];
}

export interface Group<T> {
  /** '' for those that have no value. */
  value: string;
  vehicles: T[];
}

/** Those that fit, in their order, and in their groups if there are any. */
export interface Arranged<T> {
  vehicles: T[];
  groups: Group<T>[] | undefined;
}

const inOrder = new Intl.Collator(undefined, { numeric: true });

/** Whether it looks at the state, for which the cloud is asked about each vehicle. */
export function needsStates({ filter, group, sort }: Arrangement): boolean {
  const by = filter !== undefined && 'property' in filter ? filter.property : undefined;
  return [by, group, sort].includes('state');
}

export function arrange<T>(
  all: readonly T[],
  factsOf: (vehicle: T) => VehicleFacts,
  { filter, group, sort }: Arrangement,
): Arranged<T> {
  const known = all.map((vehicle) => ({ vehicle, facts: factsOf(vehicle) }));
  const fitting = filter === undefined ? known : known.filter(({ facts }) => fits(facts, filter));
  if (sort !== undefined) {
    const keys = new Map(
      fitting.map((each) => [each, sort === 'vin' ? each.facts.vin : keyOf(each.facts, sort)]),
    );
    fitting.sort(
      (a, b) => byName(keys.get(a) ?? '', keys.get(b) ?? '') || inOrder.compare(a.facts.vin, b.facts.vin),
    );
  }
  const vehicles = fitting.map(({ vehicle }) => vehicle);
  return { vehicles, groups: group === undefined ? undefined : grouped(fitting, group) };
}

/** How many vehicles have each value of a property; without those that have none. */
export function countsOf(all: readonly VehicleFacts[], property: Property): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of all.flatMap((facts) => valuesOf(facts, property)))
    if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
  return new Map([...counts].sort(([a], [b]) => inOrder.compare(a, b)));
}

function grouped<T>(known: readonly { vehicle: T; facts: VehicleFacts }[], by: Property): Group<T>[] {
  const groups = new Map<string, T[]>();
  for (const { vehicle, facts } of known) {
    for (const value of valuesOf(facts, by)) {
      const group = groups.get(value);
      if (group === undefined) groups.set(value, [vehicle]);
      else group.push(vehicle);
    }
  }
  return [...groups]
    .map(([value, vehicles]) => ({ value, vehicles }))
    .sort((a, b) => byName(a.value, b.value));
}

function fits(facts: VehicleFacts, filter: Filter): boolean {
  if ('property' in filter) return valuesOf(facts, filter.property).includes(filter.value);
  const { vin, id, model, owners, tags } = facts;
  const all = [vin, id, model, ...owners, ...tags].join('\n').toLowerCase();
  return filter.text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

/** At least one: a vehicle without a value belongs somewhere, too. */
function valuesOf({ owners, model, state, tags }: VehicleFacts, property: Property): readonly string[] {
  const values = [...new Set({ owner: owners, model: [model], state: [state], tag: tags }[property])];
  return values.length === 0 ? [''] : values;
}

function keyOf(facts: VehicleFacts, property: Property): string {
  return [...valuesOf(facts, property)].sort((a, b) => inOrder.compare(a, b))[0] ?? '';
}

/** What has no name comes last. */
function byName(a: string, b: string): number {
  if ((a === '') !== (b === '')) return a === '' ? 1 : -1;
  return inOrder.compare(a, b);
}
