import * as z from 'zod';
import type { Claims } from '../registry/claims.ts';
import type { TemplateRecord } from '../registry/records.ts';
import type { IotState } from '../registry/state.ts';
import type { Templates } from '../registry/templates.ts';
import {
  DEFAULT_PAGE,
  queryFlag,
  roleArn,
  tags,
  templateBody,
  templateName,
  templateVersionId,
  tokenPaging,
} from '../wire/fields.ts';
import { operation, type Operation } from '../../../protocols/restJson.ts';
import { page } from '../wire/page.ts';
import { seconds } from '../wire/time.ts';

const description = z
  .string()
  .max(500)
  .regex(/^[^\p{C}]*$/u);

const preProvisioningHook = z.object({
  payloadVersion: z
    .string()
    .min(10)
    .max(32)
    .regex(/^[0-9-]+$/)
    .optional(),
  targetArn: z.string().max(2048),
});

export function templateOperations(state: IotState, templates: Templates, claims: Claims): Operation[] {
  const uri = { templateName };
  const versionUri = { templateName, versionId: templateVersionId };

  const named = (name: string): { templateArn: string; templateName: string } => ({
    templateArn: state.arn('provisioningtemplate', name),
    templateName: name,
  });

  const summary = (template: TemplateRecord): object => ({
    ...named(template.templateName),
    description: template.description,
    creationDate: seconds(template.createdAt),
    lastModifiedDate: seconds(template.modifiedAt),
    enabled: template.enabled,
    type: template.type,
  });

  return [
    operation(
      'CreateProvisioningTemplate',
      'POST',
      '/provisioning-templates',
      {
        body: {
          templateName,
          description: description.optional(),
          templateBody,
          enabled: z.boolean().default(false),
          provisioningRoleArn: roleArn,
          preProvisioningHook: preProvisioningHook.optional(),
          tags,
          type: z.enum(['FLEET_PROVISIONING', 'JITP']).default('FLEET_PROVISIONING'),
        },
      },
      (input) => {
        const created = templates.create({
          templateName: input.templateName,
          description: input.description,
          body: input.templateBody,
          enabled: input.enabled,
          provisioningRoleArn: input.provisioningRoleArn,
          type: input.type,
          preProvisioningHook: input.preProvisioningHook,
        });
        return { ...named(created.templateName), defaultVersionId: created.defaultVersionId };
      },
    ),
    operation(
      'DescribeProvisioningTemplate',
      'GET',
      '/provisioning-templates/:templateName',
      { uri },
      (input) => {
        const template = templates.find(input.templateName);
        return {
          ...summary(template),
          defaultVersionId: template.defaultVersionId,
          templateBody: templates.bodyOf(template),
          provisioningRoleArn: template.provisioningRoleArn,
          preProvisioningHook: template.preProvisioningHook,
        };
      },
    ),
    operation(
      'UpdateProvisioningTemplate',
      'PATCH',
      '/provisioning-templates/:templateName',
      {
        uri,
        body: {
          description: description.optional(),
          enabled: z.boolean().optional(),
          defaultVersionId: z.number().int().optional(),
          provisioningRoleArn: roleArn.optional(),
          preProvisioningHook: preProvisioningHook.optional(),
          removePreProvisioningHook: z.boolean().optional(),
        },
      },
      (input) => {
        templates.update(input.templateName, input);
        return {};
      },
    ),
    operation(
      'DeleteProvisioningTemplate',
      'DELETE',
      '/provisioning-templates/:templateName',
      { uri },
      (input) => {
        templates.remove(input.templateName);
        return {};
      },
    ),
    operation(
      'ListProvisioningTemplates',
      'GET',
      '/provisioning-templates',
      { query: tokenPaging },
      (input) => {
        const { items, next } = page(templates.list(), {
          token: input.nextToken,
          size: input.maxResults ?? DEFAULT_PAGE,
        });
        return { templates: items.map(summary), nextToken: next };
      },
    ),
    operation(
      'CreateProvisioningTemplateVersion',
      'POST',
      '/provisioning-templates/:templateName/versions',
      { uri, query: { setAsDefault: queryFlag }, body: { templateBody } },
      (input) => {
        const isDefaultVersion = input.setAsDefault === true;
        const { versionId } = templates.createVersion(
          input.templateName,
          input.templateBody,
          isDefaultVersion,
        );
        return { ...named(input.templateName), versionId, isDefaultVersion };
      },
    ),
    operation(
      'ListProvisioningTemplateVersions',
      'GET',
      '/provisioning-templates/:templateName/versions',
      { uri, query: tokenPaging },
      (input) => {
        const template = templates.find(input.templateName);
        const { items, next } = page(template.versions, {
          token: input.nextToken,
          size: input.maxResults ?? DEFAULT_PAGE,
        });
        const versions = items.map(({ versionId, createdAt }) => ({
          versionId,
          creationDate: seconds(createdAt),
          isDefaultVersion: versionId === template.defaultVersionId,
        }));
        return { versions, nextToken: next };
      },
    ),
    operation(
      'DescribeProvisioningTemplateVersion',
      'GET',
      '/provisioning-templates/:templateName/versions/:versionId',
      { uri: versionUri },
      (input) => {
        const { versionId, createdAt, body } = templates.version(input.templateName, input.versionId);
        return {
          versionId,
          creationDate: seconds(createdAt),
          templateBody: body,
          isDefaultVersion: versionId === templates.find(input.templateName).defaultVersionId,
        };
      },
    ),
    operation(
      'DeleteProvisioningTemplateVersion',
      'DELETE',
      '/provisioning-templates/:templateName/versions/:versionId',
      { uri: versionUri },
      (input) => {
        templates.removeVersion(input.templateName, input.versionId);
        return {};
      },
    ),
    operation(
      'CreateProvisioningClaim',
      'POST',
      '/provisioning-templates/:templateName/provisioning-claim',
      { uri },
      async (input) => {
        templates.find(input.templateName);
        const { record, keys } = await claims.create(input.templateName);
        return {
          certificateId: record.certificateId,
          certificatePem: record.certificatePem,
          keyPair: { PublicKey: keys.publicKeyPem, PrivateKey: keys.privateKeyPem },
          expiration: seconds(record.expiresAt),
        };
      },
    ),
  ];
}
