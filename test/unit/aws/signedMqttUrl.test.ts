import assert from 'node:assert/strict';
import { createConnection } from '../../../src/aws/createConnection.ts';
import { signedMqttUrl } from '../../../src/aws/signedMqttUrl.ts';
import { useAwsFiles, type AwsFiles } from '../../support/awsFiles.ts';
import { testWork } from '../../support/works.ts';

describe('the signed address of MQTT over WebSocket', () => {
  let files: AwsFiles;
  before(() => (files = useAwsFiles({})));
  after(() => files.restore());

  it('is signed by the time of AWS, as far as its answers told it', async () => {
    const connection = await createConnection(
      {
        region: 'us-west-2',
        endpoint: 'http://127.0.0.1:9',
        credentials: { accessKeyId: 'AKIDGIVEN', secretAccessKey: 's' },
      },
      testWork(),
    );
    const dayOf = async () => {
      const url = new URL(await signedMqttUrl(connection));
      const [, year, month, day] =
        /^(\d{4})(\d\d)(\d\d)T/.exec(url.searchParams.get('X-Amz-Date') ?? '') ?? [];
      return Date.UTC(Number(year), Number(month) - 1, Number(day));
    };
    const DAY = 86_400_000;
    const here = await dayOf();
    // What the SDK keeps of the dates of answers.
    (await connection.iot()).config.systemClockOffset = 400 * DAY;
    const days = ((await dayOf()) - here) / DAY;
    // Midnight may have come in between.
    assert.ok(days === 400 || days === 401, String(days));
    connection.dispose();
  });
});
