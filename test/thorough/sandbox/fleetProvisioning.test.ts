import 'reflect-metadata';
import assert from 'node:assert/strict';
import { createHash, webcrypto, X509Certificate } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { policy, startBroker, type RawClient, type TestBroker } from '../../support/testBroker.ts';
import { until } from '../../support/until.ts';

const CREATE = '$aws/certificates/create/json';
const FROM_CSR = '$aws/certificates/create-from-csr/json';
const PROVISION = '$aws/provisioning-templates/T/provision/json';

const CLAIM_POLICY = policy(
  { allow: 'iot:Connect', on: '*' },
  {
    allow: 'iot:Publish',
    on: ['topic/$aws/certificates/*', 'topic/$aws/provisioning-templates/T/provision/*'],
  },
  {
    allow: 'iot:Receive',
    on: ['topic/$aws/certificates/*', 'topic/$aws/provisioning-templates/T/provision/*'],
  },
  {
    allow: 'iot:Subscribe',
    on: ['topicfilter/$aws/certificates/*', 'topicfilter/$aws/provisioning-templates/T/provision/*'],
  },
);

interface Answer {
  topic: string;
  body: Record<string, unknown>;
}

describe('fleet provisioning over MQTT', () => {
  let test: TestBroker;
  let claim: RawClient;

  beforeEach(async () => {
    test = await startBroker();
    test.registry.addTemplate('T', { body: '{"the":"body"}' });
    claim = await test.connect(await test.device({ policies: [CLAIM_POLICY] }), 'VIN1');
    await subscribeAll(claim);
  });
  afterEach(() => test.close());

  async function subscribeAll(client: RawClient): Promise<void> {
    await client.subscribe(
      ...[CREATE, FROM_CSR, PROVISION].flatMap((topic) => [`${topic}/accepted`, `${topic}/rejected`]),
    );
  }

  async function answer(client = claim): Promise<Answer> {
    const { topic, payload, messageId = 0 } = await client.next('publish');
    client.send({ cmd: 'puback', messageId });
    return { topic, body: JSON.parse(String(payload)) as Record<string, unknown> };
  }

  async function request(topic: string, payload: unknown, client = claim): Promise<Answer> {
    client.publish(topic, typeof payload === 'string' ? payload : JSON.stringify(payload));
    await client.next('puback');
    return answer(client);
  }

  async function rejectedWith(
    topic: string,
    payload: unknown,
    statusCode: number,
    errorCode: string,
  ): Promise<string> {
    const { topic: answerTopic, body } = await request(topic, payload);
    assert.equal(answerTopic, `${topic}/rejected`);
    assert.deepEqual(Object.keys(body), ['statusCode', 'errorCode', 'errorMessage']);
    assert.deepEqual([body.statusCode, body.errorCode], [statusCode, errorCode]);
    return String(body.errorMessage);
  }

  const provision = (token: unknown, parameters: Record<string, string> = { SerialNumber: 'VIN1' }) => ({
    certificateOwnershipToken: token,
    parameters,
  });

  for (const payload of ['', '{}']) {
    it(`creates keys and a certificate that is not active yet, asked with ${payload || 'nothing'}`, async () => {
      const { topic, body } = await request(CREATE, payload);
      assert.equal(topic, `${CREATE}/accepted`);
      const { certificateId, certificatePem, privateKey, certificateOwnershipToken } = body as Record<
        string,
        string
      >;
      const der = new X509Certificate(certificatePem ?? '').raw;
      assert.equal(createHash('sha256').update(der).digest('hex'), certificateId);
      assert.match(privateKey ?? '', /PRIVATE KEY/);
      assert.ok((certificateOwnershipToken ?? '').length > 100);
      assert.equal(test.registry.certificate(certificateId ?? '')?.status, 'PENDING_ACTIVATION');
    });
  }

  it('creates a certificate for a key that stays with the client', async () => {
    const { topic, body } = await request(FROM_CSR, { certificateSigningRequest: await makeCsr() });
    assert.equal(topic, `${FROM_CSR}/accepted`);
    assert.deepEqual(Object.keys(body).sort(), [
      'certificateId',
      'certificateOwnershipToken',
      'certificatePem',
    ]);
  });

  it('registers the thing with the template, the parameters and the certificate of the token', async () => {
    const { body } = await request(CREATE, '');
    const accepted = await request(PROVISION, provision(body.certificateOwnershipToken));
    assert.deepEqual(accepted, {
      topic: `${PROVISION}/accepted`,
      body: { deviceConfiguration: {}, thingName: 'VIN1' },
    });
    assert.deepEqual(test.registry.registered, [
      {
        body: '{"the":"body"}',
        parameters: { SerialNumber: 'VIN1', 'AWS::IoT::Certificate::Id': body.certificateId },
      },
    ]);
  });

  it('lets the new certificate in only after that', async () => {
    const { body } = await request(CREATE, '');
    const pair = { certificatePem: String(body.certificatePem), privateKeyPem: String(body.privateKey) };
    const early = test.open(pair);
    early.send({ cmd: 'connect', clientId: 'x', protocolId: 'MQTT', protocolVersion: 4, keepalive: 60 });
    assert.deepEqual(await early.closed(), []);
    await request(PROVISION, provision(body.certificateOwnershipToken));
    test.registry.setPolicies(String(body.certificateId), [policy({ allow: 'iot:Connect', on: '*' })]);
    const late = test.open(pair);
    late.send({ cmd: 'connect', clientId: 'x', protocolId: 'MQTT', protocolVersion: 4, keepalive: 60 });
    await late.next('connack');
  });

  it('cannot be talked into another certificate by a parameter', async () => {
    const { body } = await request(CREATE, '');
    const parameters = { SerialNumber: 'VIN1', 'AWS::IoT::Certificate::Id': 'somebody else' };
    await request(PROVISION, provision(body.certificateOwnershipToken, parameters));
    assert.equal(test.registry.registered[0]?.parameters['AWS::IoT::Certificate::Id'], body.certificateId);
  });

  it('answers the requesting client only, whoever else subscribed', async () => {
    const spy = await test.connect(await test.device(), 'spy');
    await spy.subscribe('$aws/certificates/#', '$aws/certificates/create/json/+', '#');
    await request(CREATE, '');
    assert.deepEqual(await spy.settled(), []);
    assert.deepEqual(test.messages, []);
  });

  it('does not answer a client that did not subscribe first', async () => {
    const deaf = await test.connect(await test.device({ policies: [CLAIM_POLICY] }), 'deaf');
    deaf.publish(CREATE, '');
    await deaf.next('puback');
    await request(CREATE, '');
    assert.deepEqual(await deaf.settled(), []);
  });

  it('does not keep an answer for the next connection of a persistent session', async () => {
    const pair = await test.device();
    const first = await test.connect(pair, 'p', { clean: false });
    await first.subscribe(`${CREATE}/accepted`);
    first.publish(CREATE, '');
    await first.next('puback');
    await first.next('publish');
    const second = await test.connect(pair, 'p', { clean: false });
    assert.deepEqual(await second.settled(), []);
  });

  describe('rejects', () => {
    it('a payload that is no JSON object', async () => {
      await rejectedWith(CREATE, 'nonsense', 400, 'InvalidPayload');
      await rejectedWith(PROVISION, '[1]', 400, 'InvalidPayload');
    });

    it('a missing signing request', async () => {
      await rejectedWith(FROM_CSR, {}, 400, 'InvalidCertificateSigningRequest');
    });

    it('a broken signing request', async () => {
      const csr = { certificateSigningRequest: 'nonsense' };
      await rejectedWith(FROM_CSR, csr, 400, 'InvalidCertificateSigningRequest');
    });

    it('a missing or empty ownership token', async () => {
      for (const token of [undefined, '']) {
        const message = await rejectedWith(
          PROVISION,
          provision(token),
          400,
          'InvalidCertificateOwnershipToken',
        );
        assert.equal(message, 'Certificate ownership token cannot be empty.');
      }
    });

    it('a token nobody gave out', async () => {
      await rejectedWith(PROVISION, provision('made up'), 400, 'InvalidCertificateOwnershipToken');
    });

    it('a token used before', async () => {
      const { body } = await request(CREATE, '');
      await request(PROVISION, provision(body.certificateOwnershipToken));
      await rejectedWith(
        PROVISION,
        provision(body.certificateOwnershipToken),
        400,
        'InvalidCertificateOwnershipToken',
      );
    });

    it('a token after one hour, when its certificate is gone', async () => {
      const { body } = await request(CREATE, '');
      test.context.clock.advance(3_600_000);
      const token = provision(body.certificateOwnershipToken);
      const message = await rejectedWith(PROVISION, token, 400, 'InvalidCertificateOwnershipToken');
      assert.equal(message, 'Certificate ownership token has expired.');
      assert.equal(test.registry.certificate(String(body.certificateId)), undefined);
    });

    it('parameters that are no strings', async () => {
      const { body } = await request(CREATE, '');
      const payload = {
        certificateOwnershipToken: body.certificateOwnershipToken,
        parameters: { SerialNumber: 1 },
      };
      await rejectedWith(PROVISION, payload, 400, 'InvalidParameters');
    });

    it('a template that does not exist', async () => {
      const client = await test.connect(await test.device(), 'x');
      const topic = '$aws/provisioning-templates/Other/provision/json';
      await client.subscribe(`${topic}/rejected`);
      const { body } = await request(topic, provision('t'), client);
      assert.deepEqual([body.statusCode, body.errorCode], [404, 'ResourceNotFound']);
    });

    it('a template that is not enabled', async () => {
      test.registry.addTemplate('T', { enabled: false });
      await rejectedWith(PROVISION, provision('t'), 400, 'InvalidTemplate');
    });

    it('a template for just-in-time provisioning', async () => {
      test.registry.addTemplate('T', { type: 'JITP' });
      await rejectedWith(PROVISION, provision('t'), 400, 'InvalidTemplate');
    });

    it('what the template cannot do, and leaves the token for another try', async () => {
      const { body } = await request(CREATE, '');
      await rejectedWith(PROVISION, provision(body.certificateOwnershipToken, {}), 400, 'InvalidRequest');
      const { topic } = await request(PROVISION, provision(body.certificateOwnershipToken));
      assert.equal(topic, `${PROVISION}/accepted`);
    });

    it('what a pre-provisioning hook does not allow in time, and leaves the token for another try', async () => {
      const hookArn = 'arn:aws:lambda:us-west-2:123456789012:function:hook:live';
      test.registry.addTemplate('T', { body: '{}', hookArn });
      const { body } = await request(CREATE, '');
      const wish = provision(body.certificateOwnershipToken);
      for (const action of [
        { kind: 'error', code: 'Unhandled' },
        { kind: 'throttle' },
        { kind: 'hang' },
        { kind: 'delay', ms: 5001 },
      ] as const) {
        test.context.faults.add({ operation: 'lambda:hook', count: 1, action });
        await rejectedWith(PROVISION, wish, 403, 'AccessDenied');
        assert.deepEqual(test.registry.registered, [], action.kind);
      }
      test.context.faults.add({ operation: 'lambda:other', count: 1, action: { kind: 'hang' } });
      assert.equal((await request(PROVISION, wish)).topic, `${PROVISION}/accepted`);
      assert.equal(test.registry.registered.length, 1);
    });

    it('more than ten registrations a second', async () => {
      for (let n = 0; n < 11; n++) claim.publish(PROVISION, '{}');
      const codes: number[] = [];
      while (codes.length < 11) {
        for (const packet of await claim.settled()) {
          if (packet.cmd !== 'publish') continue;
          codes.push((JSON.parse(String(packet.payload)) as { statusCode: number }).statusCode);
        }
      }
      assert.deepEqual(codes.sort(), [...Array<number>(10).fill(400), 429]);
    });
  });

  it('the claim of a trusted user may use the topics of its template only', async () => {
    test.registry.addTemplate('Other');
    const client = await test.connect(await test.device({ policies: [], claimTemplate: 'T' }), 'x');
    await subscribeAll(client);
    const { body } = await request(CREATE, '', client);
    const { topic } = await request(PROVISION, provision(body.certificateOwnershipToken), client);
    assert.equal(topic, `${PROVISION}/accepted`);
    client.publish('$aws/provisioning-templates/Other/provision/json', '{}');
    assert.deepEqual(await client.closed(), []);
    const again = await test.connect(await test.device({ claimTemplate: 'T' }), 'y');
    again.publish('dt/cvra/y/cardata', '{}');
    assert.deepEqual(await again.closed(), []);
  });

  it('keeps the ownership token out of its state and its log', async () => {
    const { body } = await request(CREATE, '');
    const kept = JSON.stringify([...test.context.store.table('mqtt-ownership-tokens').entries()]);
    assert.ok(kept.includes(String(body.certificateId)));
    for (const text of [kept, test.context.lines.join('\n')]) {
      assert.ok(!text.includes(String(body.certificateOwnershipToken)));
      assert.ok(!text.includes('PRIVATE KEY'));
    }
  });

  describe('injected faults', () => {
    type Action = Parameters<TestBroker['context']['faults']['add']>[0]['action'];
    const fault = (operation: string, action: Action) =>
      test.context.faults.add({ operation, count: 1, action });

    it('error: a rejected answer of that code', async () => {
      fault('mqtt:claim:create', { kind: 'error', code: 'InternalError', status: 500, message: 'oops' });
      assert.equal(await rejectedWith(CREATE, '', 500, 'InternalError'), 'oops');
    });

    it('throttle: too many requests', async () => {
      fault('mqtt:claim', { kind: 'throttle' });
      await rejectedWith(CREATE, '', 429, 'TooManyRequests');
    });

    it('swallow: acknowledged, never answered', async () => {
      fault('mqtt:claim:provision', { kind: 'swallow' });
      claim.publish(PROVISION, '{}');
      await claim.next('puback');
      await request(CREATE, '');
      assert.deepEqual(await claim.settled(), []);
    });

    it('twice: the same answer two times', async () => {
      fault('mqtt:claim:create', { kind: 'twice' });
      const first = await request(CREATE, '');
      assert.deepEqual(await answer(), first);
    });

    it('drop after the acknowledgement: answered, then cut off', async () => {
      fault('mqtt:claim:create', { kind: 'drop', when: 'after-ack' });
      claim.publish(CREATE, '');
      assert.deepEqual(
        (await claim.closed()).map(({ cmd }) => cmd),
        ['puback', 'publish'],
      );
    });

    it('drop before the acknowledgement: cut off, yet the certificate was made', async () => {
      fault('mqtt:claim:create', { kind: 'drop', when: 'before-ack' });
      claim.publish(CREATE, '');
      assert.deepEqual(await claim.closed(), []);
      const tokens = test.context.store.table('mqtt-ownership-tokens');
      await until('the ownership token', () => tokens.size > 0);
    });
  });
});

async function makeCsr(): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const csr = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=VIN1',
    keys,
    signingAlgorithm: algorithm,
  });
  return csr.toString('pem');
}
