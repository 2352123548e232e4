import * as z from 'zod';
import { ownSentence } from '../../core/issues.ts';
import { l10n } from '../../core/message.ts';

/** Where a vehicle is when it first reports, degrees: fields of a request, for generations without a bound of their own. */
export const firstPlace = {
  latitude: z
    .number()
    .min(-90)
    .max(90)
    .default(33.77521)
    .describe('Latitude of where it first shows up, degrees'),
  longitude: z
    .number()
    .min(-180)
    .max(180)
    .default(-84.39609)
    .describe('Longitude of where it first shows up, degrees'),
};

/** Words to choose a vehicle by, of which its CMS is not told: a field of a request. */
export const tags = z
  .array(
    z
      .string()
      .regex(
        /^[\p{L}\p{N}][\p{L}\p{N}_.:-]{0,39}$/u,
        ownSentence(l10n.t('must be letters, digits and _ . : -, 40 at most')),
      ),
  )
  .max(20)
  .optional()
  .describe('Words to choose vehicles by in simulations; kept with the certificate, not sent to CMS');
