/** How a service says "too fast". */
export interface ThrottleAnswer {
  code: string;
  status: number;
  message: string;
}

/** By the API reference of each service. */
const byService: Record<string, ThrottleAnswer> = {
  'cognito-idp': { code: 'TooManyRequestsException', status: 400, message: 'Rate exceeded' },
  cloudformation: { code: 'Throttling', status: 400, message: 'Rate exceeded' },
  sts: { code: 'Throttling', status: 400, message: 'Rate exceeded' },
  iam: { code: 'Throttling', status: 400, message: 'Rate exceeded' },
  iot: { code: 'ThrottlingException', status: 400, message: 'Rate exceeded' },
  'iot-data': { code: 'ThrottlingException', status: 429, message: 'Rate exceeded' },
};

/** API Gateway answers for the CMS services. */
const gateway: ThrottleAnswer = {
  code: 'TooManyRequestsException',
  status: 429,
  message: 'Too Many Requests',
};

export function throttleOf(service: string): ThrottleAnswer {
  return byService[service] ?? gateway;
}
