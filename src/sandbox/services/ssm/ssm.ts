import * as z from 'zod';
import type { Context } from '../../kernel/context.ts';
import { AwsError, type HttpService } from '../../kernel/http.ts';
import { defined } from '../../kit/defined.ts';
import { createAwsJsonService, operation } from '../../protocols/awsJson.ts';
import { pageOf } from '../../protocols/page.ts';
import { checkPath, referenceOf } from './names.ts';
import { createParameters, type Parameter, type Parameters } from './parameters.ts';

export interface Ssm {
  readonly service: HttpService;
  /** Puts parameters in, as CloudFormation does for a template. */
  readonly parameters: Pick<Parameters, 'put'>;
}

/** The largest page, and the usual one (API reference of GetParametersByPath). */
const MOST = 10;

/**
 * AWS Systems Manager Parameter Store 2014-11-06, read-only: parameters of the type String. It holds what installations
 * put in.
 */
export function createSsm(context: Context): Ssm {
  const parameters = createParameters(context);
  const name = z.string().min(1).max(2048);
  const WithDecryption = z.boolean().optional();

  const service = createAwsJsonService({
    name: 'ssm',
    target: 'AmazonSSM',
    version: '1.1',
    invalid: 'ValidationException',
    tooFast: 'ThrottlingException',
    rates: [
      {
        perSecond: 40,
        operations: ['GetParameter', 'GetParameters', 'GetParametersByPath'],
        shareRate: true,
        source: 'AWS Systems Manager endpoints and quotas',
      },
    ],
    operations: {
      GetParameter: operation(z.object({ Name: name, WithDecryption }), ({ Name }) => {
        const { parameter } = lookedUp(Name);
        // AWS says no more than the name of the error.
        if (parameter === undefined) throw new AwsError('ParameterNotFound', '');
        return { Parameter: parameter };
      }),

      GetParameters: operation(
        z.object({ Names: z.array(name).min(1).max(MOST), WithDecryption }),
        ({ Names }) => {
          const found = Names.map((given) => ({ given, ...lookedUp(given) }));
          return {
            Parameters: found.flatMap(({ parameter }) => parameter ?? []),
            InvalidParameters: found
              .filter(({ parameter }) => parameter === undefined)
              .map(({ given }) => given),
          };
        },
      ),

      GetParametersByPath: operation(
        z.object({
          Path: name,
          Recursive: z.boolean().default(false),
          ParameterFilters: z.array(z.object({ Key: z.string() })).default([]),
          WithDecryption,
          MaxResults: z.int().min(1).max(MOST).default(MOST),
          NextToken: z.string().optional(),
        }),
        ({ Path, Recursive, ParameterFilters, MaxResults, NextToken }) => {
          if (ParameterFilters.length > 0) throw new AwsError('InvalidFilterKey', '');
          const path = checkPath(Path);
          const list = {
            name: `GetParametersByPath ${path} ${Recursive}`,
            cursorOf: (parameter: Parameter) => parameter.name,
            invalid: () => new AwsError('InvalidNextToken', "The specified token isn't valid."),
          };
          const page = pageOf(parameters.below(path, Recursive), list, {
            token: NextToken,
            size: MaxResults,
          });
          return {
            Parameters: page.items.map((parameter) => shown(parameter, String(parameter.versions.length))),
            ...defined({ NextToken: page.next }),
          };
        },
      ),
    },
  });

  /** What a caller means by a name. Throws ValidationException, ParameterVersionNotFound. */
  function lookedUp(given: string): { parameter?: object } {
    const { names, selector } = referenceOf(given, context.config);
    const found = names.map((each) => parameters.find(each)).find((each) => each !== undefined);
    if (found === undefined) return {};
    const version = selector ?? String(found.versions.length);
    return { parameter: { ...shown(found, version), ...defined({ Selector: selector && `:${selector}` }) } };
  }

  /** One version of a parameter, counted from 1; nobody labels them. Throws ParameterVersionNotFound. */
  function shown(parameter: Parameter, version: string): object {
    const found = /^\d+$/.test(version) ? parameter.versions[Number(version) - 1] : undefined;
    if (found === undefined) {
      throw new AwsError(
        'ParameterVersionNotFound',
        `Systems Manager could not find version ${version} of ${parameter.name}. Verify the version and try again.`,
      );
    }
    return {
      Name: parameter.name,
      Type: 'String',
      Value: found.value,
      Version: Number(version),
      LastModifiedDate: found.modifiedAt / 1000,
      ARN: parameters.arnOf(parameter.name),
      DataType: 'text',
    };
  }

  return { service, parameters };
}
