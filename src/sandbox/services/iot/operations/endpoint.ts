import { z } from 'zod';
import type { Context } from '../../../contracts/kernel.ts';
import { invalidRequest } from '../wire/errors.ts';
import { operation, type Operation } from '../wire/operation.ts';

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
            // Neither is served; an address of ours keeps clients from looking for it elsewhere.
            return { endpointAddress: http.replace(/^https?:\/\//, '') };
          default:
            throw invalidRequest(`Invalid endpoint type: ${input.endpointType}`);
        }
      },
    ),
  ];
}
