import type { Context } from '../../../kernel/context.ts';
import type { Json } from '../../../kit/json.ts';
import { isObject } from '../../../kit/json.ts';
import type { Aws } from '../../../services/services.ts';
import { mintCertificate } from '../certificates.ts';
import type { Data } from '../data.ts';
import { Answer, bodyOf, broken, type Call, type Handler, intOf, Refused } from '../lambda.ts';
import { LIVE_MS } from '../live.ts';
import { textOf, wordOf } from '../rows.ts';
import { DAYS } from '../spec.ts';
import { isoUtc, isoWithZone } from '../times.ts';
import { guardDriver, mayWrite } from './scope.ts';

const PRODUCERS = ['meridian', 'oem1', 'cms-native'];
const ONBOARD = ['vehicle-telemetry', 'onboard-fwe'];
const OFFBOARD = ['cloud-telemetry', 'cloud-oem1'];
const LONGEST_NAME = 128;
const MOST_LISTED = 1000;
const USUAL_LISTED = 25;
/** The attributes that PUT takes. */
const CHANGEABLE = [
  'vin',
  'make',
  'model',
  'year',
  'licensePlate',
  'color',
  'vehicleType',
  'fuelType',
  'fleetId',
  'status',
];

/** The list of vehicles, and what makes, changes and deletes one. */
export function vehicleHandlers(
  context: Context,
  aws: Pick<Aws, 'iot'>,
  data: Data,
): Readonly<Record<string, Handler>> {
  const { now, live } = data;
  const vehicles = () => data.storage('vehicles');

  function shown(row: Json): Json {
    const seen = live.get(textOf(row.vehicleId));
    const isConnected = seen !== undefined && now() - seen.lastSeenAt < LIVE_MS;
    return {
      ...row,
      ...(isConnected ? { connectionStatus: 'connected' } : { connectionStatus: 'disconnected' }),
      classification: classificationOf(row),
    };
  }

  function list({ caller, request: { query } }: Call): Json {
    const limit = Math.min(intOf(query, 'limit', USUAL_LISTED), MOST_LISTED);
    const page = intOf(query, 'page', 1);
    const wanted = query.get('fleetId') ?? 'all';
    // An answer that is empty from the start has another shape.
    const nothing = { vehicles: [], totalCount: 0, page, limit };
    let fleet = wanted === 'all' ? undefined : wanted;
    if (!caller.seesAll) {
      if (caller.fleetIds.length === 0) return nothing;
      if (fleet !== undefined && !caller.fleetIds.includes(fleet)) throw new Refused(403, 'Access denied');
      // With several fleets and no wish nothing is filtered: the original leaks all vehicles.
      if (fleet === undefined && caller.fleetIds.length === 1) [fleet] = caller.fleetIds;
    }
    let rows = vehicles().all();
    if (query.get('has_certificate') === 'true') {
      const have = new Set(
        data
          .storage('vehicle-certificates')
          .all()
          .map(({ vehicleId }) => vehicleId),
      );
      if (have.size === 0) return nothing;
      rows = rows.filter(({ vehicleId }) => have.has(vehicleId));
    }
    if (fleet !== undefined) rows = rows.filter(({ fleetId }) => fleetId === fleet);
    if (query.get('onboard_only') === 'true') {
      rows = rows.filter((row) => classificationOf(row) === 'onboard');
    }
    const search = query.get('search') ?? '';
    if (search !== '') {
      rows = rows.filter(({ vin, make, model }) =>
        [vin, make, model].some((value) => textOf(value).includes(search)),
      );
    }
    const by = query.get('sortBy') ?? 'createdAt';
    const sign = (query.get('sortOrder') ?? 'desc') === 'desc' ? -1 : 1;
    rows.sort((a, b) => sign * compared(a[by], b[by]));
    return {
      vehicles: rows.slice((page - 1) * limit, page * limit).map(shown),
      total: rows.length,
      page,
      limit,
      totalPages: limit > 0 ? Math.ceil(rows.length / limit) : 0,
      // The original never says that there is more.
      hasNextPage: false,
      hasPrevPage: page > 1,
    };
  }

  function checkNew(body: Json): { manifest: Json | undefined; dataSource: string; fleet: Json | undefined } {
    const { asOf } = data.switches();
    const needsManifest = asOf >= DAYS.manifestNeeded;
    if (needsManifest && 'createCertificate' in body) {
      throw new Refused(400, 'createCertificate is retired: certificates follow from dataSource');
    }
    if (needsManifest && 'sold_to' in body) throw new Refused(400, 'sold_to cannot be set here');
    if (asOf >= DAYS.producerNeeded && !PRODUCERS.includes(textOf(body.producer))) {
      throw new Refused(400, `producer is required: one of ${PRODUCERS.join(', ')}`);
    }
    const manifest = needsManifest ? manifestOf(body.modelManifestName) : undefined;
    const fleet = data.storage('fleets').get({ fleetId: textOf(body.fleetId) || '-' });
    const dataSource = textOf(body.dataSource ?? fleet?.data_source) || 'vehicle-telemetry';
    if (![...ONBOARD, ...OFFBOARD].includes(dataSource)) {
      throw new Refused(400, `dataSource must be one of vehicle-telemetry, cloud-telemetry`);
    }
    if (needsManifest && dataSource === 'vehicle-telemetry' && textOf(manifest?.decoderManifestRef) === '') {
      throw new Refused(400, `modelManifest ${textOf(body.modelManifestName)} has no decoderManifestRef`);
    }
    if (needsManifest && OFFBOARD.includes(dataSource) && textOf(fleet?.transform_manifest_id) === '') {
      throw new Refused(400, 'cloud-telemetry needs a fleet with transform_manifest_id');
    }
    return { manifest, dataSource, fleet };
  }

  /** The highest ACTIVE version of a model. */
  function manifestOf(name: unknown): Json {
    if (typeof name !== 'string' || name === '') throw new Refused(400, 'modelManifestName is required');
    if (name.length > LONGEST_NAME) {
      throw new Refused(400, `modelManifestName is at most ${LONGEST_NAME} characters`);
    }
    const versions = data.modelManifests.all().filter((row) => row.modelManifestName === name);
    if (versions.length === 0) throw new Refused(400, `Unknown modelManifestName: ${name}`);
    const active = versions
      .filter(({ status }) => status === 'ACTIVE')
      .sort((a, b) => Number(b.modelManifestVersion) - Number(a.modelManifestVersion));
    if (active[0] === undefined) throw new Refused(400, `modelManifest ${name} is not ACTIVE`);
    return active[0];
  }

  function templateOf(reference: unknown, decoder: string): Json | undefined {
    if (reference === undefined || reference === null || reference === '') return undefined;
    if (typeof reference !== 'string' || reference.length > LONGEST_NAME) {
      throw new Refused(400, `campaignTemplateRef is a text of at most ${LONGEST_NAME} characters`);
    }
    const row = data.campaigns.get({ campaignId: reference });
    if (row?.targetArn !== 'template') throw new Refused(400, `Unknown campaignTemplateRef: ${reference}`);
    if (textOf(row.decoderManifestRef) !== decoder) {
      throw new Refused(400, `campaignTemplateRef ${reference} has another decoder`);
    }
    return row;
  }

  async function create(call: Call): Promise<Answer> {
    mayWrite(call.caller);
    guardDriver(call.caller, false);
    const given = bodyOf(call);
    const body = isObject(given.entry) ? given.entry : given;
    const { manifest, dataSource, fleet } = checkNew(body);
    const decoder = textOf(manifest?.decoderManifestRef);
    const template = templateOf(body.campaignTemplateRef, decoder);
    const at = now();
    const vehicleId = `VEH-${Math.floor(at / 1000)}`;
    const vin = textOf(body.vin);
    const row: Json = {
      ...{ vehicleId, vin, make: textOf(body.make), model: textOf(body.model), year: yearOf(body.year) },
      ...{ licensePlate: textOf(body.licensePlate), color: textOf(body.color) },
      ...{ vehicleType: textOf(body.vehicleType), fuelType: textOf(body.fuelType) },
      ...{ fleetId: textOf(body.fleetId), status: 'active' },
      ...{ connectionStatus: 'disconnected', activityStatus: 'inactive' },
      ...{ lastConnected: null, lastDisconnected: null },
      ...(manifest === undefined
        ? {}
        : {
            modelManifestName: manifest.modelManifestName,
            modelManifestVersion: String(manifest.modelManifestVersion),
            decoderManifestRef: decoder,
          }),
      dataSource,
      ...(textOf(body.producer) === '' ? {} : { producer: body.producer }),
      ...{ createdAt: isoUtc(at), updatedAt: isoUtc(at) },
    };
    // Unconditional: another one of the same second is overwritten.
    vehicles().put(row);
    const wantsCertificate =
      dataSource === 'vehicle-telemetry' &&
      (data.switches().asOf >= DAYS.manifestNeeded || body.createCertificate !== false);
    const certificate = wantsCertificate
      ? await mintCertificate(context, aws, data, { vehicleId, vin })
      : { hasCertificate: false };
    if (template !== undefined) assignCampaign(template, vin);
    const fleetSource = textOf(fleet?.data_source);
    const warnings =
      fleetSource === '' || fleetSource === dataSource
        ? []
        : [
            {
              code: 'fleet_disagreement',
              message: `The fleet has ${fleetSource}, the vehicle ${dataSource}`,
            },
          ];
    return new Answer(201, { vehicle: { ...row, ...certificate }, classificationWarnings: warnings });
  }

  function assignCampaign(template: Json, vin: string): void {
    if (context.faults.take('cm-guidance:campaign') !== undefined) {
      throw broken('An error occurred (ProvisionedThroughputExceededException) when calling PutItem');
    }
    data.campaigns.put({
      ...template,
      campaignId: `${textOf(template.campaignId)}-${vin}`,
      targetArn: `vehicle:${vin}`,
      status: 'RUNNING',
    });
  }

  function change(call: Call): Json {
    mayWrite(call.caller);
    guardDriver(call.caller, false);
    const vehicleId = idOf(data, call.params.vehicleId ?? '');
    const given = bodyOf(call);
    const body = isObject(given.entry) ? given.entry : given;
    const before = vehicles().get({ vehicleId });
    if (before === undefined) throw new Refused(404, `Vehicle ${vehicleId} not found`);
    if ('sold_to' in body) throw new Refused(400, 'sold_to cannot be set here');
    const changes = Object.fromEntries(Object.entries(body).filter(([name]) => CHANGEABLE.includes(name)));
    if ('year' in changes) changes.year = yearOf(changes.year);
    const after = { ...before, ...changes, updatedAt: isoUtc(now()) };
    vehicles().put(after);
    if ('fleetId' in changes) enrol(data, vehicleId, textOf(changes.fleetId));
    return { vehicle: shown(after) };
  }

  function remove(call: Call): Json {
    mayWrite(call.caller);
    guardDriver(call.caller, false);
    const vehicleId = idOf(data, call.params.vehicleId ?? '');
    if (vehicles().get({ vehicleId }) === undefined) {
      throw new Refused(404, `Vehicle ${vehicleId} not found`);
    }
    // The certificate's row is looked for by another key than the table has, and so it stays.
    for (const [table, key] of [
      ['trips', 'tripId'],
      ['safety-events', 'eventId'],
      ['maintenance-alerts', 'alertId'],
    ] as const) {
      const rows = data.storage(table);
      for (const row of rows.indexed('vehicleId-index', vehicleId)) rows.remove({ [key]: row[key] });
    }
    vehicles().remove({ vehicleId });
    return { message: `Vehicle ${vehicleId} deleted successfully` };
  }

  return {
    'GET /api/v1/vehicles': list,
    'POST /api/v1/vehicles': create,
    'PUT /api/v1/vehicles/{vehicleId}': change,
    'DELETE /api/v1/vehicles/{vehicleId}': remove,
  };
}

/** An id, or the id of the first vehicle with this VIN. */
export function idOf(data: Data, given: string): string {
  if (given.startsWith('VEH-')) return given;
  const found = data
    .storage('vehicles')
    .all()
    .find(({ vin }) => vin === given);
  if (found === undefined) throw new Refused(404, `Vehicle ${given} not found`);
  return textOf(found.vehicleId);
}

/** Moves the enrolment of a vehicle to a fleet. */
export function enrol(data: Data, vehicleId: string, fleetId: string): void {
  const rows = data.storage('fleet-enrollment');
  for (const { PK, SK } of rows.indexed('vehicleId-index', vehicleId)) rows.remove({ PK, SK });
  if (fleetId === '') return;
  rows.put({
    PK: `FLEET#${fleetId}`,
    SK: `VEHICLE#${vehicleId}`,
    fleetId,
    vehicleId,
    enrolledAt: isoWithZone(data.now()),
  });
}

export function classificationOf({ dataSource }: Json): string {
  if (ONBOARD.includes(textOf(dataSource))) return 'onboard';
  return OFFBOARD.includes(textOf(dataSource)) ? 'offboard' : 'unknown';
}

/** Kept as a number if it reads as one. */
function yearOf(value: unknown): unknown {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : textOf(value);
}

function compared(one: unknown, other: unknown): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  const [a, b] = [wordOf(one), wordOf(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}
