import { AwsError } from '../../kernel/http.ts';
import { arnOf } from '../../kit/partition.ts';

/** A name alone, or a whole hierarchy that begins with a slash ("Creating Parameter Store parameters"). */
const NAME = /^(?:[a-zA-Z0-9_.-]+|(?:\/[a-zA-Z0-9_.-]+)+)$/;
const PATH = /^(?:\/|(?:\/[a-zA-Z0-9_.-]+)+\/?)$/;

/** What a caller means by a name, and which version of it. */
export interface Reference {
  /** An ARN leaves open whether the name begins with a slash: either may be meant. */
  names: string[];
  /** The number or the label of a version. */
  selector: string | undefined;
}

/** Reads a name, an ARN of this account and region, or either with `:VERSION` or `:LABEL`. Throws ValidationException. */
export function referenceOf(text: string, scope: { region: string; accountId: string }): Reference {
  const trimmed = text.trim();
  const prefix = arnOf(scope, 'ssm', 'parameter/');
  const isArn = trimmed.startsWith('arn:');
  // Another account's or region's is as unknown as one that is not there.
  if (isArn && !trimmed.startsWith(prefix)) throw new AwsError('ParameterNotFound', '');
  const local = isArn ? trimmed.slice(prefix.length) : trimmed;
  const [, name = '', selector] = /^([^:]*)(?::([a-zA-Z0-9_.-]{1,100}))?$/.exec(local) ?? [];
  const names = isArn ? [`/${name}`, name] : [name];
  if (!names.some((each) => NAME.test(each) && !isReserved(each))) {
    throw new AwsError(
      'ValidationException',
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of ' +
        'sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the ' +
        'following 3 symbols .-_',
    );
  }
  return { names, selector };
}

/** The path without a slash at its end; `/` becomes empty. Throws ValidationException. */
export function checkPath(text: string): string {
  const path = text.trim();
  if (!PATH.test(path) || isReserved(path)) {
    throw new AwsError(
      'ValidationException',
      "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward " +
        'slash "/". It can\'t be prefixed with \\"aws\\" or \\"ssm\\" (case-insensitive). It must use only letters, ' +
        'numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not ' +
        'allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: ' +
        '/get/parameters2-/by1./path0_.',
    );
  }
  return path.replace(/\/$/, '');
}

function isReserved(name: string): boolean {
  return /^\/?ssm/i.test(name);
}
