import * as z from 'zod';
import type { IotRegistry } from '../services/iot/contract.ts';
import { AwsError } from '../kernel/http.ts';
import type { Context } from '../kernel/context.ts';
import { defined } from '../kit/defined.ts';
import { parseJson } from '../kit/json.ts';
import { functionNameOf, type Functions } from '../services/lambda/functions.ts';
import type { BrokerQuotas } from './brokerQuotas.ts';
import type { OwnershipTokens } from './ownershipTokens.ts';

/** A publish to one of the fleet provisioning topics (AWS IoT Developer Guide, "Device provisioning MQTT API"). */
export type ProvisioningRequest =
  | { operation: 'create' | 'create-from-csr'; topic: string }
  | { operation: 'provision'; topic: string; template: string };

export function provisioningRequest(topic: string): ProvisioningRequest | undefined {
  const [, created] = /^\$aws\/certificates\/(create|create-from-csr)\/json$/.exec(topic) ?? [];
  if (created !== undefined) {
    return { operation: created === 'create' ? 'create' : 'create-from-csr', topic };
  }
  const [, template] = /^\$aws\/provisioning-templates\/([^/]+)\/provision\/json$/.exec(topic) ?? [];
  return template === undefined ? undefined : { operation: 'provision', topic, template };
}

/** The body of `…/accepted` or `…/rejected`. */
export type ProvisioningAnswer =
  { accepted: true; body: Record<string, unknown> } | { accepted: false; body: RejectedBody };

export interface RejectedBody {
  statusCode: number;
  errorCode: string;
  errorMessage: string;
}

/** Who asks. */
export interface Asker {
  clientId: string;
  /** Undefined for a client with AWS credentials. */
  certificateId: string | undefined;
}

export interface FleetProvisioning {
  /** Never rejects: an error becomes a rejected answer. */
  answer(request: ProvisioningRequest, payload: Buffer, from: Asker): Promise<ProvisioningAnswer>;
  /** Deletes certificates whose ownership token has expired. */
  expire(): void;
}

const csrSchema = z.object({ certificateSigningRequest: z.string().min(1) });
const provisionSchema = z.object({
  certificateOwnershipToken: z.string().optional(),
  parameters: z.record(z.string(), z.string()).default({}),
});

export function rejected(statusCode: number, errorCode: string, errorMessage: string): ProvisioningAnswer {
  return { accepted: false, body: { statusCode, errorCode, errorMessage } };
}

export const TOO_MANY_REQUESTS = rejected(429, 'TooManyRequests', 'Too many requests. Try again later.');

/** What a pre-provisioning hook answers. */
const verdictSchema = z.object({
  allowProvisioning: z.boolean(),
  parameterOverrides: z.record(z.string(), z.string()).default({}),
});
type Verdict = z.output<typeof verdictSchema>;
const NO_OBJECTION: Verdict = { allowProvisioning: true, parameterOverrides: {} };
const REFUSED: Verdict = { allowProvisioning: false, parameterOverrides: {} };

/** "Pre-provisioning hooks": how long the function may take. */
const HOOK_MS = 5000;

export function createFleetProvisioning(
  context: Context,
  deps: { registry: IotRegistry; tokens: OwnershipTokens; quotas: BrokerQuotas; functions: Functions },
): FleetProvisioning {
  const { registry, tokens, quotas, functions } = deps;

  async function create(csrPem: string | undefined): Promise<ProvisioningAnswer> {
    const made = await registry.createPendingCertificate(csrPem);
    const { certificateId, certificatePem, privateKeyPem: privateKey } = made;
    const certificateOwnershipToken = tokens.issue(certificateId);
    const body = defined({ certificateId, certificatePem, privateKey, certificateOwnershipToken });
    return { accepted: true, body };
  }

  async function createFromCsr(payload: unknown): Promise<ProvisioningAnswer> {
    const request = csrSchema.safeParse(payload);
    if (!request.success) {
      return rejected(
        400,
        'InvalidCertificateSigningRequest',
        'Certificate signing request cannot be empty.',
      );
    }
    try {
      return await create(request.data.certificateSigningRequest);
    } catch (error) {
      if (error instanceof AwsError && error.status !== 400) throw error;
      return rejected(400, 'InvalidCertificateSigningRequest', messageOf(error));
    }
  }

  async function provision(templateName: string, payload: unknown, from: Asker): Promise<ProvisioningAnswer> {
    const request = provisionSchema.safeParse(payload);
    if (!request.success) return rejected(400, 'InvalidParameters', 'Parameters must be a map of strings.');
    const token = request.data.certificateOwnershipToken;
    if (token === undefined || token === '') {
      return rejected(
        400,
        'InvalidCertificateOwnershipToken',
        'Certificate ownership token cannot be empty.',
      );
    }
    const template = registry.template(templateName);
    if (template === undefined) {
      return rejected(404, 'ResourceNotFound', `Provisioning template ${templateName} was not found.`);
    }
    if (!template.enabled || template.type !== 'FLEET_PROVISIONING') {
      const why = template.enabled ? 'is not a fleet provisioning template' : 'is not enabled';
      return rejected(400, 'InvalidTemplate', `Provisioning template ${templateName} ${why}.`);
    }
    tokens.expire();
    const owned = tokens.redeem(token);
    if (typeof owned === 'string') {
      const why = owned === 'expired' ? 'has expired' : 'is not valid';
      return rejected(400, 'InvalidCertificateOwnershipToken', `Certificate ownership token ${why}.`);
    }
    const { parameters } = request.data;
    const { certificateId } = owned;
    const verdict =
      template.hookArn === undefined
        ? NO_OBJECTION
        : await askHook(template.hookArn, {
            claimCertificateId: from.certificateId ?? null,
            certificateId,
            certificatePem: registry.certificate(certificateId)?.certificatePem ?? '',
            templateArn: template.templateArn,
            clientId: from.clientId,
            parameters,
          });
    if (!verdict.allowProvisioning) {
      owned.restore();
      return rejected(403, 'AccessDenied', 'The pre-provisioning hook does not allow this registration.');
    }
    try {
      const { thingName, deviceConfiguration } = await registry.registerThing(template.body, {
        ...parameters,
        ...verdict.parameterOverrides,
        'AWS::IoT::Certificate::Id': owned.certificateId,
      });
      return { accepted: true, body: { deviceConfiguration, thingName } };
    } catch (error) {
      owned.restore();
      throw error;
    }
  }

  /** A function that fails, takes too long or answers something else allows nothing. */
  async function askHook(arn: string, payload: object): Promise<Verdict> {
    const name = functionNameOf(arn);
    try {
      const answer = await functions.invoke(name, payload, HOOK_MS);
      // A function that is nowhere deployed has nothing against it.
      if (!functions.has(name)) return NO_OBJECTION;
      return verdictSchema.safeParse(answer).data ?? REFUSED;
    } catch (error) {
      context.log('warn', `Pre-provisioning hook ${name}: ${messageOf(error)}`);
      return REFUSED;
    }
  }

  function perform(request: ProvisioningRequest, payload: unknown, from: Asker): Promise<ProvisioningAnswer> {
    switch (request.operation) {
      case 'create':
        return quotas.createKeys.take() ? create(undefined) : Promise.resolve(TOO_MANY_REQUESTS);
      case 'create-from-csr':
        return quotas.createFromCsr.take() ? createFromCsr(payload) : Promise.resolve(TOO_MANY_REQUESTS);
      case 'provision':
        return quotas.registerThing.take()
          ? provision(request.template, payload, from)
          : Promise.resolve(TOO_MANY_REQUESTS);
    }
  }

  return {
    async answer(request, payload, from) {
      const parsed = parse(payload);
      if (parsed === undefined) return rejected(400, 'InvalidPayload', 'The payload is not a JSON object.');
      try {
        return await perform(request, parsed, from);
      } catch (error) {
        if (error instanceof AwsError) {
          return rejected(error.status, error.code.replace(/Exception$/, ''), error.message);
        }
        context.log('error', `Fleet provisioning failed: ${messageOf(error)}`);
        return rejected(500, 'InternalError', 'An internal error occurred.');
      }
    },
    expire: () => tokens.expire(),
  };
}

/** An empty payload counts as an empty object, because the documentation calls `create` that way. */
function parse(payload: Buffer): Record<string, unknown> | undefined {
  if (payload.length === 0) return {};
  return z.record(z.string(), z.unknown()).safeParse(parseJson(payload.toString())).data;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
