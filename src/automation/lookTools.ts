import * as z from 'zod';
import { formFields } from '../onboarding/requestText.ts';
import { GENERATIONS, labelOf } from '../cms/generations.ts';
import { SOMEWHERE } from '../cms/contract/checks.ts';
import { vehicleName } from '../cms/contract/vin.ts';
import { readFileBounded } from '../core/bounded.ts';
import { ERROR_CODES } from '../core/errorCodes.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { diagnose } from '../onboarding/diagnose.ts';
import { listVehicles } from '../onboarding/listVehicles.ts';
import { deploymentInput, vinInput } from './place.ts';
import { defineTool } from './tool.ts';

/** More would fill what a model can read at once. */
const MOST_VEHICLES = 200;
const FEW_VEHICLES = 50;
/** The page is part of the product. */
const MOST_PAGE_BYTES = 1_000_000;

export const listDeployments = defineTool({
  name: 'list_deployments',
  title: 'List deployments',
  description:
    'Lists the Connected Mobility deployments that can be reached, their state, and which fields onboard_vehicle needs on each.',
  effect: 'looks',
  input: z.strictObject({}),
  async run(_, host, { signal }) {
    const deployments = (await host.deployments(signal)).map(
      ({ name, generation, region, connection, state }) => ({
        deployment: name,
        generation: labelOf(generation),
        region,
        connection,
        state: state.kind,
        ...(state.kind === 'ready' ? { onboarding: fieldsOf(generation) } : { reason: state.reason }),
      }),
    );
    return { deployments };
  },
});

/** What can be said of a vehicle when it is onboarded. */
function fieldsOf(generation: string): object | undefined {
  const onboarding = GENERATIONS.find(({ id }) => id === generation)?.onboarding;
  if (onboarding === undefined) return undefined;
  const fields = formFields(onboarding).filter(({ title, required }) => required || title !== undefined);
  const wordsOf = (required: boolean): Record<string, string> =>
    Object.fromEntries(
      fields
        .filter((field) => field.required === required)
        .map(({ name, description = '', enum: values }) => [
          name,
          values === undefined ? description : `${description} One of ${values.join(', ')}.`.trimStart(),
        ]),
    );
  return { required: wordsOf(true), optional: wordsOf(false) };
}

export const listVehiclesTool = defineTool({
  name: 'list_vehicles',
  title: 'List vehicles',
  description:
    'Lists the vehicles of a deployment: model, owners, certificate here and in AWS IoT, last position and trouble codes.',
  effect: 'looks',
  input: z.strictObject({
    deployment: deploymentInput,
    limit: z.int().min(1).max(MOST_VEHICLES).default(FEW_VEHICLES).describe('Stop after so many vehicles.'),
  }),
  run: ({ deployment, limit }, host, work) =>
    host.at({ deployment, for: 'vehicles' }, work, async (place) => {
      const vehicles: object[] = [];
      let more = false;
      for await (const { vehicle, details, certificate, live } of listVehicles(place, work.signal)) {
        if (vehicles.length === limit) {
          more = true;
          break;
        }
        const { vin, id, make, model, modelYear, owners } = vehicle;
        const states = Object.fromEntries(details.map((detail) => [detail.id, detail.state]));
        const { position, troubleCodes } = live ?? {};
        vehicles.push({
          ...{ vin, id, make, model, modelYear, owners, ...states },
          ...{ certificate, position, troubleCodes },
        });
      }
      return { vehicles, more };
    }),
});

export const diagnoseVehicle = defineTool({
  name: 'diagnose_vehicle',
  title: 'Diagnose a vehicle',
  description:
    "Says why a vehicle's data would not arrive: one finding per check, with its remedy. Only looks: it sends nothing and repairs nothing.",
  effect: 'looks',
  input: z.strictObject({ vin: vinInput, deployment: deploymentInput }),
  run: ({ vin: named, deployment }, host, work) =>
    host.at({ deployment, for: 'doctor' }, work, async (place) => {
      const vin = vehicleName(named);
      const deps = { ...(await place.workDeps()), cloud: place.cloud };
      const findings: object[] = [];
      let failed = 0;
      for await (const finding of diagnose({ vin, publish: false, position: SOMEWHERE }, deps, work)) {
        const { id, title, status, message, remedy } = finding;
        if (status === 'fail') failed += 1;
        findings.push({ id, title, status, message, remedy });
      }
      return { vin, failed, findings };
    }),
});

export const explainError = defineTool({
  name: 'explain_error',
  title: 'Explain an error code',
  description: 'Gives the causes and remedies of an error code of this product, such as STACK_NOT_FOUND.',
  effect: 'looks',
  input: z.strictObject({ code: z.string().min(1).describe('The error code.') }),
  async run({ code: named }, { errorsPage }, { signal }) {
    const code = ERROR_CODES.find((known) => known === named.toUpperCase());
    if (code === undefined) {
      throw new CmsError('REQUEST_INVALID', l10n.t('There is no error code {code}.', { code: named }));
    }
    const bytes = await readFileBounded(errorsPage, { mostBytes: MOST_PAGE_BYTES, signal });
    const page = Buffer.from(bytes).toString('utf8');
    const explanation = page.split(/^#{2,3} /m).find((section) => section.startsWith(`${code}\n`));
    return { code, explanation: explanation?.slice(code.length).trim() };
  },
});
