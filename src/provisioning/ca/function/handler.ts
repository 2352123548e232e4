import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import { systemClock } from '../../../core/work.ts';
import { createDecider } from './decideEvent.ts';

/** What AWS Lambda runs. Its clients are those of the runtime. */
export const handler = createDecider({
  iot: new IoTClient({}),
  dynamoDb: new DynamoDBClient({}),
  clock: systemClock,
  environment: process.env,
  write: (line) => process.stdout.write(`${line}\n`),
});
