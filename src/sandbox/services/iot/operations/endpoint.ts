import * as z from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { invalidRequest } from '../wire/errors.ts';
import { operation, type Operation } from '../../../protocols/restJson.ts';

/** What AWS gives without a type, now that `iot:Data`, once the default, is retired, was not found. */
const DEFAULT = 'iot:Data-ATS';

export function endpointOperations(context: Context): Operation[] {
  return [
    operation(
      'DescribeEndpoint',
      'GET',
      '/endpoint',
      { query: { endpointType: z.string().max(128).optional() } },
      (input) => {
        const { http, mqttHost, mqttPort } = context.endpoints;
        switch (input.endpointType ?? DEFAULT) {
          case 'iot:Data-ATS':
            return { endpointAddress: `${mqttHost}:${mqttPort}` };
          case 'iot:CredentialProvider':
            // It is not implemented. Returning our own address keeps clients from contacting AWS.
            return { endpointAddress: http.replace(/^https?:\/\//, '') };
          case 'iot:Data':
          case 'iot:Jobs':
            throw invalidRequest(`The endpoint type ${input.endpointType} is no longer supported.`);
          default:
            throw invalidRequest(`Invalid endpoint type: ${input.endpointType}`);
        }
      },
    ),
  ];
}
