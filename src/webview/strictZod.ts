import { config } from 'zod';

// The page's policy forbids eval. Zod would try it, and even the attempt would be reported as a violation.
config({ jitless: true });
