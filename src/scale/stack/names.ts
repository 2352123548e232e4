/** The stack of queue, job definition, roles and network. The queue and the definition have its name, too. */
export const STACK = 'cms-enablement-scale';
/** The stack of bucket and key, which outlives the other one: results and keys are in it. */
export const DATA_STACK = `${STACK}-data`;
export const LOG_GROUP = '/cms-enablement/scale';
/** Where plans and results, and certificates and keys, are in the bucket. Workers may touch nothing else of it. */
export const RUNS = 'runs';
export const FLEET = 'fleet';
