import * as z from 'zod';
import { AwsError, type HttpRequest } from '../../kernel/http.ts';
import { defined } from '../../kit/defined.ts';
import { parseJson } from '../../kit/json.ts';
import { problemWords } from '../../kit/problemWords.ts';
import type { Data } from './data.ts';
import { FLINK_APPS, POLICIES, type Switches } from './spec.ts';

/** What can be changed of a deployment that runs; anything that is absent stays. */
const changes = z.strictObject({
  policy: z.enum(POLICIES).optional(),
  change: z.enum(['absent', 'present']).optional(),
  proxy: z.enum(['reached', 'missed']).optional(),
  websocket: z.enum(['working', 'silent', 'refused']).optional(),
  fleetTopics: z.enum(['made', 'missing']).optional(),
  kafka: z.enum(['reached', 'refused']).optional(),
  destination: z.enum(['enabled', 'error']).optional(),
  fanout: z.enum(['running', 'stopped', 'placeholder']).optional(),
  runConfig: z.enum(['told', 'empty']).optional(),
  stopped: z.array(z.enum(FLINK_APPS)).optional(),
  asOf: z.iso.date().optional(),
});

/** `PUT /_sandbox/cm-guidance/<stage>`. Throws BadRequest. */
export function changeSwitches(data: Data, { body }: Pick<HttpRequest, 'body'>): Switches {
  const parsed = changes.safeParse(parseJson(body.toString('utf8')));
  if (!parsed.success) throw new AwsError('BadRequest', problemWords(parsed.error.issues), 400);
  data.change(defined(parsed.data));
  return data.switches();
}
