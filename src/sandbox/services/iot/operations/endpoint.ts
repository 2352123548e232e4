import * as z from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { invalidRequest } from '../wire/errors.ts';
import { operation, type Operation } from '../../../protocols/restJson.ts';

export function endpointOperations(context: Context): Operation[] {
  return [
    operation(
      'DescribeEndpoint',
      'GET',
      '/endpoint',
      { query: { endpointType: z.string().max(128).optional() } },
      (input) => {
        const { http, mqttHost, mqttPort } = context.endpoints;
        switch (input.endpointType ?? 'iot:Data') {
          case 'iot:Data':
          case 'iot:Data-ATS':
            return { endpointAddress: `${mqttHost}:${mqttPort}` };
          case 'iot:CredentialProvider':
          case 'iot:Jobs':
            // Neither is implemented. Returning our own address keeps clients from contacting AWS.
            return { endpointAddress: http.replace(/^https?:\/\//, '') };
          default:
            throw invalidRequest(`Invalid endpoint type: ${input.endpointType}`);
        }
      },
    ),
  ];
}
