import { randomUUID } from 'node:crypto';
import type { Json } from '../../kit/json.ts';
import type { Data } from './data.ts';
import { Answer, bodyOf, type Handler, Refused } from './lambda.ts';
import { textOf, wordOf } from './rows.ts';
import { isoUtc } from './times.ts';

/** The operations of the data-processing API. */
export const DATA_OPERATIONS = [
  'GET /api/v1/model-manifests',
  'POST /api/v1/model-manifests',
  'PUT /api/v1/model-manifests',
  'DELETE /api/v1/model-manifests',
  'GET /api/v1/decoder-manifests',
  'POST /api/v1/campaigns/assign',
] as const;

/** Any token of the pool may write manifests: no group is asked for. */
export function manifestHandlers(data: Data): Readonly<Record<string, Handler>> {
  const models = () => data.modelManifests;
  const shown = ({ pk: _pk, sk: _sk, ...row }: Json): Json => row;
  const keyOf = (name: string, version: string): Json => ({
    pk: `MODEL#${name}#${version}`,
    sk: `MODEL#${name}`,
  });

  function given(body: Json): { name: string; version: string } {
    const name = textOf(body.modelManifestName);
    if (name === '') throw new Refused(400, 'modelManifestName is required');
    return { name, version: wordOf(body.modelManifestVersion) || '1' };
  }

  return {
    'GET /api/v1/model-manifests'({ request: { query } }) {
      const name = query.get('name');
      const all = models().all().map(shown);
      if (name === null) return { modelManifests: all, count: all.length };
      const found = all
        .filter(({ modelManifestName }) => modelManifestName === name)
        .sort((a, b) => Number(b.modelManifestVersion) - Number(a.modelManifestVersion))[0];
      if (found === undefined) throw new Refused(404, 'Not found');
      return { modelManifest: found };
    },
    'POST /api/v1/model-manifests'(call) {
      const body = bodyOf(call);
      const { name, version } = given(body);
      const key = keyOf(name, version);
      if (models().get(key) !== undefined) {
        throw new Refused(500, 'internal error', { correlationId: randomUUID() });
      }
      const at = isoUtc(data.now());
      const row = {
        ...{ status: 'DRAFT', ...body, ...key },
        ...{ modelManifestName: name, modelManifestVersion: version, createdAt: at, updatedAt: at },
      };
      models().put(row);
      return new Answer(201, { modelManifest: shown(row) });
    },
    'PUT /api/v1/model-manifests'(call) {
      const body = bodyOf(call);
      const { name, version } = given(body);
      const key = keyOf(name, version);
      const before = models().get(key);
      if (before === undefined) throw new Refused(404, 'Not found');
      const row = {
        ...before,
        ...body,
        ...key,
        modelManifestVersion: version,
        updatedAt: isoUtc(data.now()),
      };
      models().put(row);
      return { modelManifest: shown(row) };
    },
    'DELETE /api/v1/model-manifests'(call) {
      const { query } = call.request;
      const body = bodyOf(call);
      const { name, version } = given({
        modelManifestName: query.get('name') ?? body.modelManifestName,
        modelManifestVersion: query.get('version') ?? body.modelManifestVersion,
      });
      const key = keyOf(name, version);
      if (models().get(key) === undefined) throw new Refused(404, 'Not found');
      models().remove(key);
      return { message: 'deleted' };
    },
    'GET /api/v1/decoder-manifests'() {
      const all = data.decoderManifests.all().map(shown);
      return { decoderManifests: all, count: all.length };
    },
    'POST /api/v1/campaigns/assign'(call) {
      const { caller } = call;
      if (caller.isReadOnly || (!caller.seesAll && caller.fleetIds.length === 0)) {
        throw new Refused(403, 'Forbidden');
      }
      const body = bodyOf(call);
      const name = textOf(body.campaignName);
      const vins = Array.isArray(body.vehicles)
        ? body.vehicles.filter((each) => typeof each === 'string')
        : [];
      const campaign = data.campaigns.get({ campaignId: name || '-' });
      if (campaign === undefined) throw new Refused(404, 'Not found');
      const assigned: string[] = [];
      const alreadyAssigned: string[] = [];
      const rejected: string[] = [];
      for (const vin of vins) {
        const campaignId = `${name}-${vin}`;
        const isKnown = data
          .storage('vehicles')
          .all()
          .some((row) => row.vin === vin);
        if (!isKnown) rejected.push(vin);
        else if (data.campaigns.get({ campaignId }) !== undefined) alreadyAssigned.push(vin);
        else {
          data.campaigns.put({ ...campaign, campaignId, targetArn: `vehicle:${vin}`, status: 'RUNNING' });
          assigned.push(vin);
        }
      }
      return { campaignName: name, assigned, alreadyAssigned, rejected };
    },
  };
}
