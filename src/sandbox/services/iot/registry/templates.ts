import { parseStoredTemplate } from '../provisioning/template.ts';
import { deleteConflict, invalidRequest, notFound, alreadyExists, versionsLimit } from '../wire/errors.ts';
import { defined } from '../../../kit/defined.ts';
import type { PreProvisioningHook, TemplateRecord, TemplateVersion } from './records.ts';
import type { IotState } from './state.ts';

export interface NewTemplate {
  templateName: string;
  description: string | undefined;
  body: string;
  enabled: boolean;
  provisioningRoleArn: string;
  type: 'FLEET_PROVISIONING' | 'JITP';
  preProvisioningHook: PreProvisioningHook | undefined;
}

export interface TemplateChange {
  description?: string | undefined;
  enabled?: boolean | undefined;
  defaultVersionId?: number | undefined;
  provisioningRoleArn?: string | undefined;
  preProvisioningHook?: PreProvisioningHook | undefined;
  removePreProvisioningHook?: boolean | undefined;
}

export interface Templates {
  create(template: NewTemplate): TemplateRecord;
  find(templateName: string): TemplateRecord;
  list(): Iterable<TemplateRecord>;
  update(templateName: string, change: TemplateChange): void;
  remove(templateName: string): void;
  createVersion(templateName: string, body: string, setAsDefault: boolean): TemplateVersion;
  version(templateName: string, versionId: number): TemplateVersion;
  removeVersion(templateName: string, versionId: number): void;
  /** The body of the default version. */
  bodyOf(template: TemplateRecord): string;
}

/** "AWS IoT Core fleet provisioning limits": versions per template. */
const MAX_VERSIONS = 5;

export function createTemplates(state: IotState, mayAssume: (roleArn: string) => boolean): Templates {
  const { templates } = state;

  function checkProvisioningRole(roleArn: string): void {
    checkRole(roleArn);
    if (!mayAssume(roleArn)) throw invalidRequest('The provisioning role cannot be assumed by AWS IoT');
  }

  function find(templateName: string): TemplateRecord {
    const found = templates.get(templateName);
    if (found === undefined) throw notFound(`Provisioning template ${templateName} not found`);
    return found;
  }

  function version(templateName: string, versionId: number): TemplateVersion {
    const found = find(templateName).versions.find((each) => each.versionId === versionId);
    if (found === undefined) throw notFound(`Version ${versionId} of template ${templateName} not found`);
    return found;
  }

  function put(template: TemplateRecord): void {
    templates.set(template.templateName, { ...template, modifiedAt: state.now() });
  }

  return {
    find,
    version,
    create({ body, preProvisioningHook, ...template }) {
      checkProvisioningRole(template.provisioningRoleArn);
      parseStoredTemplate(body);
      if (template.type === 'JITP' && preProvisioningHook !== undefined) {
        throw invalidRequest('A template of type JITP can not have a pre-provisioning hook.');
      }
      if (templates.has(template.templateName)) {
        throw alreadyExists(
          `Template with name ${template.templateName} already exists`,
          template.templateName,
          state.arn('provisioningtemplate', template.templateName),
        );
      }
      const now = state.now();
      const created: TemplateRecord = {
        ...template,
        ...defined({ preProvisioningHook }),
        versions: [{ versionId: 1, sequence: 1, body, createdAt: now }],
        defaultVersionId: 1,
        lastVersion: 1,
        createdAt: now,
        modifiedAt: now,
        sequence: state.next(),
      };
      templates.set(template.templateName, created);
      return created;
    },
    list: () => templates.values(),
    update(templateName, change) {
      const { preProvisioningHook: hookBefore, ...template } = find(templateName);
      if (change.defaultVersionId !== undefined) version(templateName, change.defaultVersionId);
      if (change.provisioningRoleArn !== undefined) checkProvisioningRole(change.provisioningRoleArn);
      if (change.removePreProvisioningHook === true && change.preProvisioningHook !== undefined) {
        throw invalidRequest('A pre-provisioning hook can not be set and removed in one request.');
      }
      const hook =
        change.removePreProvisioningHook === true ? undefined : (change.preProvisioningHook ?? hookBefore);
      put({
        ...template,
        description: change.description ?? template.description,
        enabled: change.enabled ?? template.enabled,
        defaultVersionId: change.defaultVersionId ?? template.defaultVersionId,
        provisioningRoleArn: change.provisioningRoleArn ?? template.provisioningRoleArn,
        ...defined({ preProvisioningHook: hook }),
      });
    },
    remove(templateName) {
      find(templateName);
      for (const ca of state.cas.values()) {
        if (ca.registrationConfig?.templateName === templateName) {
          throw deleteConflict(`The template ${templateName} is attached to a CA certificate.`);
        }
      }
      templates.delete(templateName);
    },
    createVersion(templateName, body, setAsDefault) {
      const template = find(templateName);
      parseStoredTemplate(body);
      if (template.versions.length >= MAX_VERSIONS) {
        throw versionsLimit(
          `The template ${templateName} already has the maximum number of versions (${MAX_VERSIONS})`,
        );
      }
      const versionId = template.lastVersion + 1;
      const created = { versionId, sequence: versionId, body, createdAt: state.now() };
      put({
        ...template,
        versions: [...template.versions, created],
        lastVersion: versionId,
        defaultVersionId: setAsDefault ? versionId : template.defaultVersionId,
      });
      return created;
    },
    removeVersion(templateName, versionId) {
      version(templateName, versionId);
      const template = find(templateName);
      if (template.defaultVersionId === versionId) {
        throw deleteConflict(`The default version of template ${templateName} can not be deleted.`);
      }
      put({ ...template, versions: template.versions.filter((each) => each.versionId !== versionId) });
    },
    bodyOf: (template) => version(template.templateName, template.defaultVersionId).body,
  };
}

/** Only checks the format. */
export function checkRole(roleArn: string): void {
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(roleArn)) {
    throw invalidRequest(`Invalid provisioning role ARN: ${roleArn}`);
  }
}
