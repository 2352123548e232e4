import * as z from 'zod';
import { EVENT_TYPES, type EventConfigurations } from '../registry/eventConfigurations.ts';
import { operation, type Operation } from '../../../protocols/restJson.ts';
import { seconds } from '../wire/time.ts';

export function eventConfigurationOperations(events: EventConfigurations): Operation[] {
  return [
    operation('DescribeEventConfigurations', 'GET', '/event-configurations', {}, () => ({
      eventConfigurations: Object.fromEntries(
        EVENT_TYPES.map((type) => [type, { Enabled: events.isEnabled(type) }]),
      ),
      creationDate: seconds(events.dates?.createdAt),
      lastModifiedDate: seconds(events.dates?.modifiedAt),
    })),
    operation(
      'UpdateEventConfigurations',
      'PATCH',
      '/event-configurations',
      {
        body: {
          eventConfigurations: z
            .partialRecord(z.enum(EVENT_TYPES), z.object({ Enabled: z.boolean().default(false) }))
            .default({}),
        },
      },
      ({ eventConfigurations }) => {
        events.update(
          Object.fromEntries(
            Object.entries(eventConfigurations).map(([type, { Enabled }]) => [type, Enabled]),
          ),
        );
        return {};
      },
    ),
  ];
}
