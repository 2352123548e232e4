import type { HttpRequest, HttpService } from '../kernel/http.ts';

/** One service that speaks several protocols, such as an API and public documents. Name and rates are the first one's. */
export function joinedService(first: HttpService, ...others: readonly HttpService[]): HttpService {
  const all = [first, ...others];
  const of = (operation: string): HttpService =>
    all.find((each) => each.operations.includes(operation)) ?? first;
  const claiming = (request: HttpRequest): HttpService => all.find((each) => each.claims(request)) ?? first;
  return {
    ...first,
    operations: all.flatMap((each) => each.operations),
    claims: (request) => all.some((each) => each.claims(request)),
    operation: (request) => claiming(request).operation(request),
    unsigned: (operation) => of(operation).unsigned(operation),
    handle: (operation, request) => of(operation).handle(operation, request),
    error(problem, request) {
      const service = claiming(request);
      // Each has its own answer to too many calls.
      return service.error(problem === first.tooFast ? service.tooFast : problem, request);
    },
  };
}
