import type { PolicyRecord } from '../registry/records.ts';
import type { Policies } from '../registry/policies.ts';
import type { IotState } from '../registry/state.ts';
import {
  DEFAULT_PAGE,
  markerPaging,
  policyDocument,
  policyName,
  policyVersionId,
  principal,
  queryFlag,
  tags,
} from '../wire/fields.ts';
import { operation, type Operation } from '../../../protocols/restJson.ts';
import type { Page } from '../../../protocols/page.ts';
import { page } from '../wire/page.ts';
import { seconds } from '../wire/time.ts';
import { defined } from '../../../kit/defined.ts';

interface Listed {
  marker?: string | undefined;
  pageSize?: number | undefined;
  isAscendingOrder?: boolean | undefined;
}

export function policyOperations(state: IotState, policies: Policies): Operation[] {
  const uri = { policyName };
  const versionUri = { policyName, policyVersionId };
  const ordered = { ...markerPaging, isAscendingOrder: queryFlag };

  const named = (name: string): { policyName: string; policyArn: string } => ({
    policyName: name,
    policyArn: state.arn('policy', name),
  });

  function pageOf<T extends { sequence: number }>(
    all: Iterable<T>,
    input: Listed,
    descending: boolean,
  ): Page<T> {
    return page(all, { token: input.marker, size: input.pageSize ?? DEFAULT_PAGE, descending });
  }

  function attached(target: string, input: Listed): object {
    const { items, next } = pageOf(policies.attachments(target), input, false);
    return { policies: items.map(({ key }) => named(key)), nextMarker: next };
  }

  function keysOf(all: ReturnType<Policies['targetsOf']>, input: Listed): Page<string> {
    const { items, next } = pageOf(all, input, false);
    return { items: items.map(({ key }) => key), ...defined({ next }) };
  }

  const dates = (policy: PolicyRecord): object => ({
    creationDate: seconds(policy.createdAt),
    lastModifiedDate: seconds(policy.modifiedAt),
    generationId: policy.generationId,
  });

  return [
    operation(
      'CreatePolicy',
      'POST',
      '/policies/:policyName',
      { uri, body: { policyDocument, tags } },
      (input) => {
        const created = policies.create(input.policyName, input.policyDocument);
        return {
          ...named(created.policyName),
          policyDocument: input.policyDocument,
          policyVersionId: created.defaultVersionId,
        };
      },
    ),
    operation('GetPolicy', 'GET', '/policies/:policyName', { uri }, (input) => {
      const policy = policies.find(input.policyName);
      return {
        ...named(policy.policyName),
        policyDocument: policies.documentOf(policy),
        defaultVersionId: policy.defaultVersionId,
        ...dates(policy),
      };
    }),
    operation('DeletePolicy', 'DELETE', '/policies/:policyName', { uri }, (input) => {
      policies.remove(input.policyName);
    }),
    operation('ListPolicies', 'GET', '/policies', { query: ordered }, (input) => {
      const { items, next } = pageOf(policies.list(), input, input.isAscendingOrder !== true);
      return { policies: items.map((each) => named(each.policyName)), nextMarker: next };
    }),
    operation(
      'CreatePolicyVersion',
      'POST',
      '/policies/:policyName/version',
      { uri, query: { setAsDefault: queryFlag }, body: { policyDocument } },
      (input) => {
        const isDefaultVersion = input.setAsDefault === true;
        const created = policies.createVersion(input.policyName, input.policyDocument, isDefaultVersion);
        return {
          policyArn: state.arn('policy', input.policyName),
          policyDocument: created.document,
          policyVersionId: created.versionId,
          isDefaultVersion,
        };
      },
    ),
    operation('ListPolicyVersions', 'GET', '/policies/:policyName/version', { uri }, (input) => {
      const { versions, defaultVersionId } = policies.find(input.policyName);
      return {
        policyVersions: versions.map(({ versionId, createdAt }) => ({
          versionId,
          isDefaultVersion: versionId === defaultVersionId,
          createDate: seconds(createdAt),
        })),
      };
    }),
    operation(
      'GetPolicyVersion',
      'GET',
      '/policies/:policyName/version/:policyVersionId',
      { uri: versionUri },
      (input) => {
        const policy = policies.find(input.policyName);
        const version = policies.version(input.policyName, input.policyVersionId);
        return {
          ...named(policy.policyName),
          policyDocument: version.document,
          policyVersionId: version.versionId,
          isDefaultVersion: version.versionId === policy.defaultVersionId,
          ...dates(policy),
          creationDate: seconds(version.createdAt),
        };
      },
    ),
    operation(
      'DeletePolicyVersion',
      'DELETE',
      '/policies/:policyName/version/:policyVersionId',
      { uri: versionUri },
      (input) => {
        policies.removeVersion(input.policyName, input.policyVersionId);
      },
    ),
    operation(
      'SetDefaultPolicyVersion',
      'PATCH',
      '/policies/:policyName/version/:policyVersionId',
      { uri: versionUri },
      (input) => {
        policies.setDefault(input.policyName, input.policyVersionId);
      },
    ),
    operation(
      'AttachPolicy',
      'PUT',
      '/target-policies/:policyName',
      { uri, body: { target: principal } },
      (input) => {
        policies.attach(input.policyName, input.target);
      },
    ),
    operation(
      'DetachPolicy',
      'POST',
      '/target-policies/:policyName',
      { uri, body: { target: principal } },
      (input) => {
        policies.detach(input.policyName, input.target);
      },
    ),
    operation(
      'ListAttachedPolicies',
      'POST',
      '/attached-policies/:target',
      { uri: { target: principal }, query: { ...markerPaging, recursive: queryFlag } },
      (input) => attached(input.target, input),
    ),
    operation(
      'ListTargetsForPolicy',
      'POST',
      '/policy-targets/:policyName',
      { uri, query: markerPaging },
      (input) => {
        const { items, next } = keysOf(policies.targetsOf(input.policyName), input);
        return { targets: items, nextMarker: next };
      },
    ),
    operation(
      'AttachPrincipalPolicy',
      'PUT',
      '/principal-policies/:policyName',
      { uri, headers: { principal } },
      (input) => {
        policies.attach(input.policyName, input.principal);
      },
    ),
    operation(
      'DetachPrincipalPolicy',
      'DELETE',
      '/principal-policies/:policyName',
      { uri, headers: { principal } },
      (input) => {
        policies.detach(input.policyName, input.principal);
      },
    ),
    operation(
      'ListPrincipalPolicies',
      'GET',
      '/principal-policies',
      { headers: { principal }, query: ordered },
      (input) => attached(input.principal, input),
    ),
    operation(
      'ListPolicyPrincipals',
      'GET',
      '/policy-principals',
      { headers: { policyName }, query: ordered },
      (input) => {
        const { items, next } = keysOf(policies.principalsOf(input.policyName), input);
        return { principals: items, nextMarker: next };
      },
    ),
  ];
}
