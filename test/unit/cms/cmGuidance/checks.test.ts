import assert from 'node:assert/strict';
import { createChecks } from '../../../../src/cms/cmGuidance/checks.ts';
import { createEntry } from '../../../../src/cms/cmGuidance/entry.ts';
import { namesOf } from '../../../../src/cms/cmGuidance/names.ts';
import { ensureManifest } from '../../../../src/cms/cmGuidance/onboarding/fleets.ts';
import { vehicleSteps, type VehicleInput } from '../../../../src/cms/cmGuidance/onboarding/steps.ts';
import type { Sources } from '../../../../src/cms/cmGuidance/sources.ts';
import type { CheckInput } from '../../../../src/cms/contract/checks.ts';
import type { FoundDeployment } from '../../../../src/cms/contract/generation.ts';
import { CmsError } from '../../../../src/core/errors.ts';
import { l10n } from '../../../../src/core/message.ts';
import type { Work } from '../../../../src/core/work.ts';
import { english } from '../../../../src/core/wording.ts';
import { createFakeClock } from '../../core/fakeClock.ts';

const NOW = Date.parse('2026-10-01T08:15:30Z');
const MINUTE = 60_000;
const vehicle = { id: 'VEH-1', vin: 'LSH14J4C4LA046511', thingName: 'LSH14J4C4LA046511' };
const { signal } = new AbortController();

const found = {
  stack: { outputs: { APIEndpoint: 'https://api.example.com/prod/' } },
  parts: { 'data-processing': {} },
} as unknown as FoundDeployment;

async function diagnose(id: string, sources: object, input: object = {}, parts: object = found.parts) {
  const all = createChecks({ names: { prefix: 'cms-dev', tables: {} }, ...sources } as Sources, {
    ...found,
    parts: parts as FoundDeployment['parts'],
  });
  const check = all.find((each) => each.id === id);
  assert.ok(check);
  const clock = createFakeClock(NOW);
  const work: Work = { signal, clock, random: () => 0, progress: () => undefined };
  const verdict = await check.run({ vehicle, ...input } as unknown as CheckInput, work);
  assert.ok(verdict);
  const { status, message } = verdict.finding;
  return { status, words: english(message), waited: clock.now() - NOW };
}

/** A connection to an API whose clock is off by so much. */
const offBy = (ms: number) => ({
  connection: {
    http: () => ({
      send: () => Promise.resolve({ status: 403, headers: { date: new Date(NOW + ms).toUTCString() } }),
    }),
  },
});

describe('The doctor of the guidance', () => {
  it('finds a clock that is off by ten minutes, either way', async () => {
    assert.deepEqual(await diagnose('clock', offBy(10 * MINUTE)), {
      ...{ status: 'fail', words: 'The clock of this computer is 10 minutes behind.', waited: 0 },
    });
    const ahead = await diagnose('clock', offBy(-10 * MINUTE));
    assert.deepEqual(
      [ahead.status, ahead.words],
      ['fail', 'The clock of this computer is 10 minutes ahead.'],
    );
  });

  it('warns of a clock that is off by less than the stream minds', async () => {
    assert.equal((await diagnose('clock', offBy(2 * MINUTE))).status, 'warn');
    assert.equal((await diagnose('clock', offBy(20_000))).status, 'ok');
  });

  it('finds that only drafts are there to make vehicles of', async () => {
    const draft = { modelManifestName: 'M', status: 'DRAFT', decoderManifestRef: 'd' };
    const seen = await diagnose(
      'model-manifest',
      { api: { manifests: () => Promise.resolve([draft]) } },
      { signedIn: true },
    );
    assert.deepEqual([seen.status, seen.words.startsWith('None is ACTIVE')], ['warn', true]);
  });

  describe('at the Kafka topic of the fleet', () => {
    /** What it finds of a vehicle in these fleets, where Amazon MSK answers so. */
    async function topic(fleets: string[], answer: object, status = 200, type?: string) {
      const asked: string[] = [];
      const connection = {
        region: 'us-west-2',
        clock: createFakeClock(NOW),
        iot: () =>
          Promise.resolve({
            config: {
              credentials: () => Promise.resolve({ accessKeyId: 'AKIA', secretAccessKey: 'secret' }),
              systemClockOffset: 0,
            },
          }),
        http: () => ({
          send({ url }: { url: string }) {
            asked.push(url);
            const headers = type === undefined ? {} : { 'x-amzn-errortype': type };
            return Promise.resolve({ status, headers, text: JSON.stringify(answer) });
          },
        }),
      };
      const store = { fleetsOf: () => Promise.resolve(fleets) };
      const MSKClusterArn = 'arn:aws:kafka:us-west-2:123456789012:cluster/cms-dev-msk/1-2';
      const msk = { outputs: { MSKClusterArn } };
      const seen = await diagnose('fleet-topic', { names: namesOf('dev'), connection, store }, {}, { msk });
      return { ...seen, asked };
    }

    it('finds it there, and one that is missing by its name', async () => {
      const topics = [{ topicName: 'cms-fleet-FLEET-1-telemetry' }];
      const there = await topic(['FLEET-1'], { topics });
      assert.deepEqual([there.status, there.words], ['ok', 'cms-fleet-FLEET-1-telemetry is there.']);
      assert.deepEqual(there.asked, [
        'https://kafka.us-west-2.amazonaws.com/v1/clusters/arn%3Aaws%3Akafka%3Aus-west-2%3A123456789012%3Acluster%2Fcms-dev-msk%2F1-2/topics?topicNameFilter=cms-fleet-',
      ]);
      const missing = await topic(['FLEET-2'], { topics });
      assert.equal(missing.status, 'warn');
      assert.match(missing.words, /^Kafka does not have cms-fleet-FLEET-2-telemetry: /);
    });

    it('says nothing of a vehicle in no fleet', async () => {
      assert.deepEqual((await topic([], { topics: [] })).status, 'skip');
    });

    it('says nothing where nobody may look, or the cluster does not tell', async () => {
      for (const [status, type] of [
        [403, 'ForbiddenException'],
        [403, 'AccessDeniedException'],
        [400, 'BadRequestException:http://internal.amazon.com/'],
      ] as const) {
        assert.equal((await topic(['FLEET-1'], { message: 'no' }, status, type)).status, 'skip', type);
      }
    });
  });

  it('finds a message that the rule did not take', async () => {
    const connection = {
      region: 'us-west-2',
      identity: () => Promise.resolve({ accountId: '123456789012' }),
      s3: () => Promise.resolve({ send: () => Promise.resolve({}) }),
    };
    const { status, words, waited } = await diagnose('arrived', { connection }, { sent: NOW });
    assert.equal(status, 'fail');
    assert.match(words, /the rule did not take it/);
    assert.ok(waited >= 25_000, String(waited));
  });

  it('finds a message that the stream did not store, though it stored one before', async () => {
    const store = { newestTelemetry: () => Promise.resolve(NOW - 1) };
    const { status, words } = await diagnose('stored', { store }, { sent: NOW });
    assert.deepEqual([status, words], ['fail', 'The table of telemetry has no row of the message.']);
  });

  it('finds a message that the API does not show, though it shows one before', async () => {
    const api = { vehicle: () => Promise.resolve({ vehicle: {}, latestTelemetry: { timestamp: NOW - 1 } }) };
    const { status, words } = await diagnose('shown', { api }, { sent: NOW, signedIn: true });
    assert.deepEqual([status, words], ['fail', 'The API does not show the message.']);
  });
});

describe('A sign-in to the guidance', () => {
  it('that gives out a token of the wrong kind is none', async () => {
    const body = Buffer.from(JSON.stringify({ token_use: 'access' })).toString('base64url');
    const session = { start: () => undefined, idToken: () => Promise.resolve(`x.${body}.x`) };
    const given = createEntry({} as never, session as never, {} as never, {} as never);
    Object.assign(given, { enter: () => Promise.resolve() });
    await assert.rejects(
      given.claims(signal),
      (error: CmsError) => error.code === 'CMS_UNAUTHORIZED' && error.message.includes('an ID token'),
    );
  });
});

describe('Onboarding to the guidance', () => {
  const api = (manifests: readonly object[]) =>
    ({ api: { manifests: () => Promise.resolve(manifests) } }) as unknown as Sources;

  it('refuses a model manifest that is a DRAFT, by its name', async () => {
    const draft = { modelManifestName: 'M', status: 'DRAFT', decoderManifestRef: 'd' };
    for (const name of ['M', undefined]) {
      await assert.rejects(
        ensureManifest(api([draft]), { name, mayMake: false }, signal),
        (error: CmsError) => error.code === 'REQUEST_INVALID' && error.message.includes('"M" is DRAFT'),
      );
    }
  });

  it('ends with what the CMS says where it refuses the enrollment, and does not go around it', async () => {
    let written = false;
    const sources = {
      store: {
        fleetsOf: () => Promise.resolve([]),
        vehicle: () => Promise.resolve({}),
        enroll: () => Promise.resolve((written = true)),
      },
      api: {
        vehicle: () => Promise.resolve({ vehicle: { vehicleId: 'VEH-1' } }),
        moveVehicle: () => Promise.reject(new CmsError('CMS_UNAUTHORIZED', l10n.verbatim('Access denied'))),
      },
    };
    const input = { request: { enrollment: 'table' }, sources, kit: { warn: () => undefined } };
    await assert.rejects(
      vehicleSteps.enroll.run(
        { ...(input as unknown as VehicleInput), vehicle, fleetId: 'FLEET-1' },
        { signal, clock: createFakeClock(NOW), random: () => 0, progress: () => undefined },
      ),
      (error: CmsError) => error.code === 'CMS_UNAUTHORIZED',
    );
    assert.equal(written, false);
  });
});
