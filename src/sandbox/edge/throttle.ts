/** How each service says "too fast" (its API reference, "Common Errors"). */
const byService: Record<string, { code: string; status: number; message: string }> = {
  'cognito-idp': { code: 'TooManyRequestsException', status: 400, message: 'Rate exceeded' },
  cloudformation: { code: 'Throttling', status: 400, message: 'Rate exceeded' },
  sts: { code: 'Throttling', status: 400, message: 'Rate exceeded' },
  iam: { code: 'Throttling', status: 400, message: 'Rate exceeded' },
  iot: { code: 'ThrottlingException', status: 429, message: 'Rate exceeded' },
};

/** API Gateway answers for the CMS services. */
const gateway = { code: 'TooManyRequestsException', status: 429, message: 'Too Many Requests' };

export function throttleOf(service: string): { code: string; status: number; message: string } {
  return byService[service] ?? (service.startsWith('iot') ? byService.iot : undefined) ?? gateway;
}
