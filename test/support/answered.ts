import {
  AwsError,
  type HttpRequest,
  type HttpResponse,
  type HttpService,
} from '../../src/sandbox/kernel/http.ts';

/** Calls a service as the HTTP port does: what it throws is answered in its own shape. */
export async function answered(
  service: HttpService,
  operation: string,
  request: HttpRequest,
): Promise<HttpResponse> {
  try {
    return await service.handle(operation, request);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return service.error(error, request);
  }
}
