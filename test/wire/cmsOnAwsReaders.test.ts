import assert from 'node:assert/strict';
import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeThingCommand, DisableTopicRuleCommand, GetTopicRuleCommand } from '@aws-sdk/client-iot';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type CmsOnAwsBench, DENIED, openCmsOnAws } from '../support/cmsOnAws.ts';
import { until } from '../support/until.ts';

describe('What CMS on AWS offers to be read', () => {
  let bench: CmsOnAwsBench;
  let bucket: string;
  const s3 = () => new S3Client({ ...bench.options, forcePathStyle: true });

  before(async () => {
    bench = await openCmsOnAws(71_000);
    const { Parameter } = await new SSMClient(bench.options).send(
      new GetParameterCommand({ Name: '/solution/cms/connect-store/s3-storage-bucket/name' }),
    );
    bucket = Parameter?.Value ?? '';
  });
  after(() => bench.close());
  afterEach(() => bench.sandbox.ask('DELETE', 'faults'));

  /** By the HTTPS way of AWS IoT; the sandbox wants it signed, not signed well. */
  async function publish(topic: string, body: string): Promise<void> {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=A/20260101/us-west-2/iotdata/aws4_request, SignedHeaders=host, Signature=0';
    const reply = await fetch(`${bench.sandbox.endpoint}/topics/${topic}?qos=1`, {
      ...{ method: 'POST', headers: { authorization }, body },
    });
    assert.equal(reply.status, 200, await reply.text());
  }
  const keys = async (prefix: string): Promise<string[]> => {
    const { Contents = [] } = await s3().send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
    return Contents.map(({ Key = '' }) => Key);
  };
  const sending = async (): Promise<string> => (await bench.working('group')).vin;
  const stored = async () =>
    (await bench.run(['stored', '--json']))
      .objects()
      .filter(({ type }) => type === 'stored')
      .map(({ vin }) => vin);
  /** A finding of the doctor, with what it says. */
  async function finding(vin: string, id: string, code: number, ...more: string[]) {
    const found = (await bench.run(['doctor', '--vin', vin, '--json', ...more], code)).objects();
    const one = found.find((each) => each.id === id);
    assert.ok(one !== undefined, id);
    return one as { status?: string; message?: string; fix?: string };
  }

  it('GraphQL: the vehicles that it has telemetry of, each once, also when it is busy at first', async () => {
    const [one, other] = [await sending(), await sending()];
    for (let i = 0; i < 3; i++) await bench.doctor(one, 0);
    // The identity provider and the API have had enough: they are asked again.
    for (const operation of ['cms-graphql:POST /graphql', 'cognito-idp:POST /oauth2/token'])
      await bench.sandbox.fault({ operation, action: { kind: 'throttle' } });
    const found = await stored();
    const { faults } = (await bench.sandbox.ask('GET', 'faults')) as { faults: unknown[] };
    assert.deepEqual(faults, []);
    assert.equal(found.filter((vin) => vin === one).length, 1);
    assert.equal(found.filter((vin) => vin === other).length, 1);
  });

  it('GraphQL: the pages of a vehicle with many messages do not hide the next one', async () => {
    const first = await sending();
    const serial = Number(first.slice(-5));
    // After it in the order of VINs, and in no page of it.
    const next = `LSH14J4C4LA0${String(serial + 500)}`;
    for (let i = 0; i < 250; i++) {
      await publish(`cms/data/many/${i}`, JSON.stringify({ vehicleidentification: { vin: first } }));
    }
    for (let i = 0; i < 3; i++) {
      await publish(`cms/data/few/${i}`, JSON.stringify({ vehicleidentification: { vin: next } }));
    }
    await until('the last message', async () => (await keys('cms/data/few/2/')).length === 1);
    const found = await stored();
    assert.ok(found.includes(first) && found.includes(next), found.join(', '));
    assert.equal(new Set(found).size, found.length);
  });

  it('GraphQL: a message that lacks what others have does not break what is asked', async () => {
    const vin = await sending();
    await publish('cms/data/sparse', JSON.stringify({ vehicleidentification: { vin: 'SPARSE1' } }));
    await until('the message', async () => (await keys('cms/data/sparse/')).length === 1);
    assert.ok((await stored()).includes('SPARSE1'));
    assert.equal((await finding(vin, 'graphql', 0)).status, 'ok');
  });

  it('GraphQL: a message without a VIN is said, and the doctor still finds the vehicle', async () => {
    const vin = await sending();
    await publish('cms/data/nameless', JSON.stringify({ speed: 1 }));
    await until('the message', async () => (await keys('cms/data/nameless/')).length === 1);
    const said = (await bench.run(['stored'])).stdout;
    assert.match(said, /messages without a VIN/);
    assert.equal((await finding(vin, 'graphql', 0)).status, 'ok');
  });

  it('Alerts: what vehicles warned of, by VIN and time', async () => {
    const vin = bench.newVin();
    await publish('cms/notification/any', JSON.stringify({ vin, message: 'tire pressure is low' }));
    const listed = async () =>
      (await bench.run(['alerts', '--json']))
        .objects()
        .find((each) => each.type === 'alert' && each.vin === vin);
    await until('the alert', async () => (await listed()) !== undefined);
    const found = await listed();
    assert.equal(found?.text, 'tire pressure is low');
    assert.ok(Math.abs(Date.parse(String(found.time)) - Date.now()) < 60_000);
  });

  describe('the doctor', () => {
    it('finds the malformed message that breaks every query by its name, and deletes it', async () => {
      const vin = await sending();
      await publish('cms/data/Other/trip', '{"speed":\n1}');
      await publish('cms/data/Other/text', JSON.stringify({ vehicleidentification: { vin }, speed: 'fast' }));
      await until('the messages', async () => (await keys('cms/data/Other/')).length === 2);
      const bad = await keys('cms/data/Other/');
      const found = await finding(vin, 'graphql', 1);
      assert.equal(found.status, 'fail');
      for (const key of bad) assert.ok(found.message?.includes(key), `${key}: ${found.message}`);
      assert.match(String(found.fix), /Delete 2 stored messages/);
      const others = (await keys('cms/data/')).filter((key) => !bad.includes(key));
      await bench.run(['doctor', '--vin', vin, '--no-publish', '--fix', '--yes'], 1);
      assert.deepEqual(await keys('cms/data/Other/'), []);
      const left = await keys('cms/data/');
      assert.ok(others.every((key) => left.includes(key)));
      assert.equal((await finding(vin, 'graphql', 0)).status, 'ok');
    });

    it('does without the secrets that may not be read', async () => {
      const vin = await sending();
      await bench.sandbox.fault({ operation: 'secretsmanager:GetSecretValue', count: 9, action: DENIED });
      assert.equal((await finding(vin, 'graphql', 0)).status, 'skip');
    });

    it('enables a topic rule that somebody switched off', async () => {
      const vin = await sending();
      const ruleName = 'cms_connect_store_iot_save_to_s3_json';
      await bench.iot.send(new DisableTopicRuleCommand({ ruleName }));
      const found = await finding(vin, 'storage-rules', 1, '--no-publish', '--fix', '--yes');
      assert.equal(found.status, 'fail');
      const { rule } = await bench.iot.send(new GetTopicRuleCommand({ ruleName }));
      assert.equal(rule?.ruleDisabled, false);
      assert.equal((await finding(vin, 'storage-rules', 0)).status, 'ok');
    });

    it('says that the certificate on this machine is not the one in service', async () => {
      const vin = await sending();
      const here = await bench.certificateOf(vin);
      await bench.run(['rotate', '--vin', vin, '--yes', '--certs', 'elsewhere']).catch(() => undefined);
      const other = await bench.certificateOf(vin);
      if (other === here) {
        // Rotating begins with the files there are: onboarding elsewhere does the same to the vehicle.
        await bench.run(['onboard', '--vin', vin, '--yes', '--certs', 'elsewhere']);
      }
      const now = await bench.certificateOf(vin);
      assert.notEqual(now, here);
      const found = await finding(vin, 'certificate-here', 1, '--no-publish');
      assert.equal(found.status, 'fail');
      assert.ok(found.message?.includes(here) === true && found.message.includes(now), found.message);
      const thing = await bench.iot.send(new DescribeThingCommand({ thingName: `Vehicle_${vin}` }));
      assert.equal(thing.attributes?.certificate_id, now);
    });
  });

  it('Alerts: a watch tells them as they come, and none from before', async () => {
    const [before, vin] = [bench.newVin(), bench.newVin()];
    await publish('cms/notification/any', JSON.stringify({ vin: before, message: 'old news' }));
    const listed = async () => (await bench.run(['alerts'])).stdout.includes(before);
    await until('the alert before', listed);
    let said = '';
    let warning: Promise<unknown> | undefined;
    const done = await bench.run(['watch', '--json'], 130, {
      onOutput(child, text) {
        said = text;
        if (warning !== undefined || !text.includes('Watching')) return;
        // What came before the first look is no news, and nothing says when that was: it goes on being hot.
        warning = until(
          'the alert',
          async () => {
            await publish('cms/notification/any', JSON.stringify({ vin, message: 'brakes are hot' }));
            return said.includes('brakes are hot');
          },
          { everyMs: 500, withinMs: 60_000 },
        ).finally(() => child.kill('SIGINT'));
      },
    });
    await warning;
    const text = done.stdout;
    assert.match(text, /"type":"alert".*brakes are hot/);
    assert.doesNotMatch(text, /old news/);
  });

  it('Alerts: a notification that is no alarm of a vehicle is left out', async () => {
    const { StackResourceSummaries: resources = [] } = await new CloudFormationClient(bench.options).send(
      new ListStackResourcesCommand({ StackName: 'cms-app--cms-alerts' }),
    );
    const table = resources.find(({ ResourceType }) => ResourceType === 'AWS::DynamoDB::Table');
    const Item = {
      topic: { S: 'something else' },
      timestamp: { S: 'never' },
      message: { S: 'not an alarm' },
    };
    await bench.dynamo.send(new PutItemCommand({ TableName: table?.PhysicalResourceId, Item }));
    assert.doesNotMatch((await bench.run(['alerts'])).stdout, /something else|not an alarm/);
  });
});
