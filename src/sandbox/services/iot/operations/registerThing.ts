import * as z from 'zod';
import type { IotRegistry } from '../contract.ts';
import { templateBody } from '../wire/fields.ts';
import { operation, type Operation } from '../../../protocols/restJson.ts';

export function registerThingOperations(registerThing: IotRegistry['registerThing']): Operation[] {
  return [
    operation(
      'RegisterThing',
      'POST',
      '/things',
      {
        body: { templateBody, parameters: z.record(z.string().max(2048), z.string().max(4096)).default({}) },
      },
      async (input) => {
        const { certificatePem, resourceArns } = await registerThing(input.templateBody, input.parameters);
        return { certificatePem, resourceArns };
      },
    ),
  ];
}
