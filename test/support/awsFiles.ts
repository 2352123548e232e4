import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface AwsFiles {
  folder: string;
  restore(): void;
}

/**
 * Makes the process use its own AWS config files and removes all AWS variables from its environment. `restore` undoes
 * this. `env` sets variables in addition.
 */
export function useAwsFiles(
  files: { config?: string; credentials?: string },
  env: Record<string, string> = {},
): AwsFiles {
  const before = { ...process.env };
  const folder = mkdtempSync(path.join(tmpdir(), 'aws-files-'));
  for (const name of Object.keys(process.env))
    if (name.startsWith('AWS_')) Reflect.deleteProperty(process.env, name);
  process.env.AWS_CONFIG_FILE = path.join(folder, 'config');
  process.env.AWS_SHARED_CREDENTIALS_FILE = path.join(folder, 'credentials');
  process.env.AWS_EC2_METADATA_DISABLED = 'true';
  Object.assign(process.env, env);
  writeFileSync(process.env.AWS_CONFIG_FILE, files.config ?? '');
  writeFileSync(process.env.AWS_SHARED_CREDENTIALS_FILE, files.credentials ?? '');
  return {
    folder,
    restore() {
      for (const name of Object.keys(process.env))
        if (!(name in before)) Reflect.deleteProperty(process.env, name);
      Object.assign(process.env, before);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
