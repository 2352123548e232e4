import * as z from 'zod';
import type { OnboardingFields, OnboardRequest } from '../cms/contract/fields.ts';
import { vehicleName } from '../cms/contract/vin.ts';
import { GENERATIONS } from '../cms/generations.ts';
import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { flatResult, notPossible, onboard } from '../onboarding/onboard.ts';
import { offboard } from '../onboarding/offboard.ts';
import { planOffboard } from '../onboarding/offboardPlan.ts';
import { formFields, requestFromText } from '../onboarding/requestText.ts';
import type { Place } from './host.ts';
import { deploymentInput, placeWords, vinInput } from './place.ts';
import { defineTool } from './tool.ts';

const fieldValues = z
  .record(z.string(), z.union([z.string(), z.number()]))
  .default({})
  .describe('What else the deployment wants to know of the vehicle and its owner: see list_deployments.');

interface Wanted {
  fields: OnboardingFields;
  request: OnboardRequest;
  warnings: readonly Message[];
}

/** Checked as the wizard would, so that nothing is done before it is right. @throws CmsError REQUEST_INVALID, VIN_INVALID */
function wantedOf(
  { deployment }: Place,
  vin: string,
  values: Record<string, string | number>,
  now: number,
): Wanted {
  const fields = GENERATIONS.find(({ id }) => id === deployment.generation)?.onboarding;
  if (fields === undefined) throw notPossible(deployment, 'onboard');
  // Those that a wizard shows: none of them names a file, or turns a check off.
  const known = formFields(fields).filter(({ required, title }) => required || title !== undefined);
  const unknown = Object.keys(values).filter((name) => !known.some((field) => field.name === name));
  if (unknown.length > 0) {
    const names = known.map(({ name }) => name).join(', ');
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('There is no field {names}. The fields are: {fields}.', {
        names: unknown.map((name) => `"${name}"`).join(', '),
        fields: names,
      }),
    );
  }
  const text = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
  const { request, warnings } = fields.parse(requestFromText(fields, { ...text, vin }), now);
  return { fields, request, warnings };
}

export const onboardVehicle = defineTool({
  name: 'onboard_vehicle',
  title: 'Onboard a vehicle',
  description:
    'Onboards a vehicle onto a deployment: registers it and its owner, gives it a certificate, and waits until the CMS shows it. Safe to repeat: each step looks first. Takes minutes.',
  effect: 'changes',
  input: z.strictObject({ vin: vinInput, deployment: deploymentInput, fields: fieldValues }),
  question: ({ vin, deployment, fields: values }, host, work) =>
    host.at({ deployment }, work, async (place) => {
      const { request } = wantedOf(place, vin, values, work.clock.now());
      const said = Object.entries(values).map(([name, value]) =>
        l10n.t('{name}: {value}', { name, value: String(value) }),
      );
      return {
        title: l10n.t('Onboard {vin}?', { vin: request.vin }),
        lines: [await placeWords(place, work.signal), ...said],
      };
    }),
  run: ({ vin, deployment, fields: values }, host, work) =>
    host.at({ deployment, for: 'onboard' }, work, async (place) => {
      const { fields, request, warnings } = wantedOf(place, vin, values, work.clock.now());
      const deps = await place.workDeps({ fields, request });
      return flatResult(await onboard(request, deps, work, warnings));
    }),
});

export const offboardVehicle = defineTool({
  name: 'offboard_vehicle',
  title: 'Offboard a vehicle',
  description:
    'Undoes an onboarding: deletes the vehicle from the CMS, its thing and certificates in AWS IoT, and its files on this machine. A person is shown what would go and has to agree.',
  effect: 'removes',
  input: z.strictObject({ vin: vinInput, deployment: deploymentInput }),
  run: ({ vin: named, deployment }, host, work) =>
    host.at({ deployment, for: 'offboard' }, work, async (place) => {
      const plan = await planOffboard({ vin: vehicleName(named) }, place, work);
      const { vin, removals, keeps } = plan;
      if (removals.length === 0) return { vin, removed: [], keeps };
      const agreed = await host.confirm(
        {
          title: l10n.t('Offboard {vin}?', { vin }),
          lines: [
            await placeWords(place, work.signal),
            l10n.t('This is removed and cannot be undone:'),
            ...removals.map(({ what }) => l10n.t('- {what}', { what })),
            ...keeps,
          ],
        },
        work.signal,
      );
      if (!agreed) return { vin, removed: [], declined: true };
      await host.simulations.endTrips(plan, place, work.signal);
      return { ...(await offboard(plan, work)) };
    }),
});
