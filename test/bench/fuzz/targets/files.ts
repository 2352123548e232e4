import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { parseJson } from '../../../../src/core/json.ts';
import { l10n } from '../../../../src/core/message.ts';
import { forgetSecrets } from '../../../../src/core/secrets.ts';
import { english } from '../../../../src/core/wording.ts';
import { readRecording } from '../../../../src/device/client/recording.ts';
import { sandboxReadySchema } from '../../../../src/protocol/sandboxReady.ts';
import { createCertificateStore } from '../../../../src/provisioning/certificateStore.ts';
import { certificateIdOfPem, examinePair } from '../../../../src/provisioning/pair.ts';
import { makePair } from '../../../support/pairs.ts';
import type { OpenTarget, Target } from '../target.ts';
import { known } from './known.ts';

const VIN = 'LSH14J4C4LA046511';
const message = {
  vin: VIN, serial: 1, topic: `dt/cvra/${VIN}/cardata`, type: 'sample', time: 1767225600000, ackMs: 3,
  place: { latitude: 1, longitude: 2, heading: 3, speed: 4, odometer: 5, fuel: 6, charge: 0.5 },
  payload: { VIN, MessageId: 'a#1' },
}; // prettier-ignore

const recording: Target = {
  name: 'recording',
  slow: true,
  seeds: [
    `${JSON.stringify(message)}\n${JSON.stringify({ ...message, serial: 2, type: 'dtc', code: 'P0217' })}\n`,
    `${JSON.stringify({ ...message, place: undefined, payload: undefined })}\r\n\n`,
    `${JSON.stringify({ ...message, id: 'veh-1', thingName: 'car-1', generation: 'cdf' })}\n`,
    `${JSON.stringify({ ...message, payload: 'AQID', encoding: 'base64', generation: 'made-up' })}\n`,
  ],
  words: ['"vin":', '"place":', '"payload":', '"time":', 'cardata', 'sample', 'trip', '\n', '\r', '\u2028'],
  sources: ['/src/device/client/recording', '/src/core/'],
  open: () =>
    inFolder((folder) => {
      const file = path.join(folder, 'recording.jsonl');
      return async (input) => {
        await writeFile(file, input);
        let count = 0;
        try {
          for await (const one of readRecording(file)) count += one.vin === VIN ? 1 : 0;
        } catch (error) {
          return known(error, 'RECORDING_FAILED');
        }
        return count > 0 ? 'messages' : 'none of ours';
      };
    }),
};

const facts = {
  certificateId: 'a'.repeat(64), certificateArn: 'arn:aws:iot:us-west-2:123456789012:cert/a', thingName: VIN,
  templateName: 't', stackName: 'cms-dev1', accountId: '123456789012', region: 'us-west-2',
  provisionedAt: '2026-01-01T00:00:00Z', claim: { kind: 'shared', certificateId: 'b', used: true }, tags: ['a'],
}; // prettier-ignore

/** `provisioning.json` of the workspace. */
const provisioning: Target = {
  name: 'provisioning.json',
  slow: true,
  seeds: [
    JSON.stringify(facts),
    JSON.stringify({ ...facts, claim: { kind: 'per-vehicle', used: false } }),
    JSON.stringify({ ...facts, vin: VIN, id: 'veh-1', thingName: 'car-1', generation: 'made-up' }),
  ],
  words: [
    '"generation":',
    '"thingName":',
    '"id":',
    '"claim":',
    '"kind":',
    '"certificateId":',
    '"tags":',
    '"shared"',
    '"temporary"',
  ],
  sources: ['/src/provisioning/', '/src/core/'],
  open: () =>
    inFolder(async (folder) => {
      const store = createCertificateStore(folder);
      await store.saveFacts(VIN, { ...facts, claim: { kind: 'shared', used: true } });
      const file = path.join(folder, VIN, 'provisioning.json');
      return async (input) => {
        await writeFile(file, input);
        return (await store.facts(VIN)) === undefined ? 'unreadable' : 'facts';
      };
    }),
};

/** Certificates and keys as they lie in the workspace, one after the other. */
const certificates: Target = {
  name: 'certificates',
  seeds: [
    ...rootCertificates.slice(0, 3),
    '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n',
  ],
  words: ['-----BEGIN CERTIFICATE-----', '-----BEGIN RSA PRIVATE KEY-----', '-----END CERTIFICATE-----', 'ENCRYPTED', '\n'],
  sources: ['/src/provisioning/'],
  async open() {
    const good = await makePair();
    const what = l10n.verbatim('The certificate');
    return {
      read(input) {
        const text = Buffer.from(input).toString('latin1');
        const at = text.indexOf('-----BEGIN', 1);
        const [first, second] = at < 0 ? [text, text] : [text.slice(0, at), text.slice(at)];
        const outcomes = [
          { certificatePem: first, privateKeyPem: second },
          // One of the two is as it should be.
          { ...good, privateKeyPem: second },
          { ...good, certificatePem: first },
        ].map((pair) => {
          const verdict = examinePair(pair, { now: Date.now(), root: second, what });
          return verdict.kind === 'ok' ? 'ok' : verdict.why.code;
        });
        certificateIdOfPem(first);
        // The last 20,000 keys that were seen are known by value, which would look like growth.
        forgetSecrets();
        return outcomes.join(' ');
      },
    };
  },
}; // prettier-ignore

/** The ready line of the sandbox, from its output and its file. */
const ready: Target = {
  name: 'ready-file',
  seeds: [
    '{"ready":true,"endpoint":"http://127.0.0.1:4566","mqttEndpoint":"localhost:8883","caFile":"/a/ca.pem","region":"us-west-2","accountId":"123456789012","stacks":{"cms":["cms-dev1"],"cdf":["cdf-core-development"]}}',
  ],
  words: ['"endpoint":', '"mqttEndpoint":', '"stacks":', 'http://', '127.0.0.1', 'true'],
  sources: ['/src/protocol/', '/src/core/'],
  open: () =>
    Promise.resolve({
      read(input) {
        const parsed = parseJson(sandboxReadySchema, Buffer.from(input).toString('utf8'));
        return parsed.ok ? 'ready' : english(parsed.problem).slice(0, 12);
      },
    }),
};

export const fileTargets: readonly Target[] = [recording, provisioning, certificates, ready];

async function inFolder(
  reader: (folder: string) => OpenTarget['read'] | Promise<OpenTarget['read']>,
): Promise<OpenTarget> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'cms-fuzz-'));
  return { read: await reader(folder), close: () => rm(folder, { recursive: true, force: true }) };
}
