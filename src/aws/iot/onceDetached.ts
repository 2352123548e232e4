import { exponential, retry, type Retrying } from '../../core/retry.ts';
import { isAwsError } from '../errors.ts';

/** AWS IoT detaches a moment after it says so. Until then it refuses to delete. */
const DETACHING = { attempts: 8, backoff: exponential(250, 32_000, 0) };

/** Repeats a removal while AWS IoT says that something is still attached. */
export function onceDetached<T>(work: Retrying, remove: () => Promise<T>): Promise<T> {
  return retry(work, DETACHING, remove, (error) =>
    isAwsError(error, 'InvalidRequestException', 'DeleteConflictException'),
  );
}
