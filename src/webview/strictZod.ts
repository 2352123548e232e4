import { config } from 'zod';

// The page's policy forbids code made of strings: zod would try it, and the attempt alone counts as a violation.
config({ jitless: true });
