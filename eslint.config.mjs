import { existsSync, readdirSync } from 'node:fs';
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import assertingTests from './tools/lint/assertingTests.mjs';

/**
 * The rooms of src/ and what each may import besides itself (docs/architecture.md).
 * Arrows point down only; the sandbox and the rooms above the wire never meet.
 */
const rooms = {
  core: [],
  // The shape of messages for people, and nothing else.
  protocol: ['core'],
  // How hosts are reached: proxies, roots, and why it failed.
  network: ['core'],
  aws: ['core', 'network'],
  // Its codecs are made of what telemetry says of samples.
  cms: ['core', 'aws', 'network', 'telemetry'],
  telemetry: ['core'],
  provisioning: ['core', 'network', 'aws', 'cms', 'protocol'],
  onboarding: ['core', 'network', 'aws', 'cms', 'provisioning', 'telemetry', 'protocol'],
  // Its client implements the Device that provisioning asks for.
  device: ['core', 'protocol', 'telemetry', 'provisioning', 'network', 'cms', 'text'],
  sandbox: [],
  // How both front ends write what a simulation sends.
  text: ['core', 'protocol'],
  // What makes several processes one run; it knows no generation.
  scale: ['core', 'protocol', 'network', 'aws', 'telemetry', 'device', 'text'],
  // What programs may ask for: the same tools in the editor's chat and over MCP.
  automation: [
    'core',
    'protocol',
    'network',
    'aws',
    'cms',
    'telemetry',
    'provisioning',
    'onboarding',
    'device',
    'text',
  ],
  // Runs in a browser: what it knows of the editor is the messages.
  webview: ['core', 'protocol'],
};
const allRooms = [...Object.keys(rooms), 'cli', 'editor'];

const zones = Object.entries(rooms).map(([room, allowed]) => ({
  target: `./src/${room}`,
  from: [
    './src/cli.ts',
    './src/extension.ts',
    ...allRooms.filter((r) => r !== room && !allowed.includes(r)).map((r) => `./src/${r}`),
  ],
  message: `src/${room} may import only: ${[room, ...allowed].join(', ')}.`,
}));
/**
 * The folders of src/editor, from the lowest to the highest: each may import those before it. What a feature needs of
 * a higher one it is given in src/extension.ts, as a function or by an event.
 */
const features = [
  'base', 'help', 'sandbox', 'connections', 'stacks', 'certificates', 'vehicles', 'onboarding', 'routes', 'map',
  'charts', 'simulations', 'tree', 'vins', 'automation',
]; // prettier-ignore
for (const [i, feature] of features.entries()) {
  zones.push({
    target: `./src/editor/${feature}`,
    from: ['./src/extension.ts', ...features.slice(i + 1).map((higher) => `./src/editor/${higher}`)],
    message: `src/editor/${feature} may import only: ${features.slice(0, i + 1).join(', ')}.`,
  });
}
zones.push({
  target: ['./src/cli.ts', './src/cli', './src/editor', './src/extension.ts'],
  from: './src/sandbox',
  message: 'A front end starts the sandbox as a process and talks to it as to AWS.',
});

/** The floors of the sandbox, from the lowest; each may import those before it. */
const floors = [
  ['kernel', 'kit'],
  ['protocols'],
  ['authority', 'broker', 'services'],
  ['installations'],
  ['page'],
];
for (const [i, floor] of floors.slice(0, -1).entries()) {
  zones.push({
    target: floor.map((part) => `./src/sandbox/${part}`),
    from: floors.slice(i + 1).flatMap((higher) => higher.map((part) => `./src/sandbox/${part}`)),
    message: `src/sandbox/${floor.join(', ')} may import only: ${floors
      .slice(0, i + 1)
      .flat()
      .join(', ')}.`,
  });
}

zones.push(
  {
    target: './src/device/process',
    from: ['./src/device/client', './src/provisioning'],
    message: 'The device process knows its parent by messages of src/protocol only.',
  },
  {
    target: './src/device/client',
    from: './src/device/process',
    message: 'A front end reaches the device process by messages of src/protocol only.',
  },
);

/** What of a generation's folder nobody outside it knows. */
const generationFolders = readdirSync(new URL('src/cms', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !['contract', 'kit'].includes(entry.name))
  .map(({ name }) => name);
zones.push(
  {
    // A generation is data for the rest of the product, and src/cms/generations.ts the only list of them.
    target: [
      ...allRooms.filter((room) => room !== 'cms').map((room) => `./src/${room}`),
      './src/cli.ts',
      './src/extension.ts',
      './src/cms/contract',
      './src/cms/discover.ts',
      './src/cms/open.ts',
    ],
    from: ['kit', ...generationFolders].map((name) => `./src/cms/${name}`),
    message: 'A generation is known by src/cms/contract and src/cms/generations.ts only.',
  },
  {
    target: './src/cms/kit',
    from: [
      './src/cms/generations.ts',
      './src/cms/discover.ts',
      './src/cms/open.ts',
      './src/cms/codecs.ts',
      ...generationFolders.map((name) => `./src/cms/${name}`),
    ],
    message: 'What generations share knows none of them.',
  },
  ...generationFolders.map((name) => ({
    target: `./src/cms/${name}`,
    from: [
      './src/cms/generations.ts',
      './src/cms/discover.ts',
      './src/cms/open.ts',
      './src/cms/codecs.ts',
      ...generationFolders.filter((other) => other !== name).map((other) => `./src/cms/${other}`),
    ],
    message: 'A generation knows src/cms/contract and itself.',
  })),
  {
    target: './src/provisioning',
    from: './src/cms',
    except: ['./contract'],
    message: 'Provisioning takes a Provisioner and the names of a vehicle, never a deployment.',
  },
);

/** Each generation's codec, in a folder of its own. */
const codecFolders = readdirSync(new URL('src/cms', import.meta.url))
  .map((generation) => `${generation}/codec`)
  .filter((folder) => existsSync(new URL(`src/cms/${folder}`, import.meta.url)));
zones.push(
  {
    target: './src/device/process',
    from: './src/cms',
    except: ['./codecs.ts'],
    message: 'The device process knows of a CMS generation its codec: src/cms/codecs.ts.',
  },
  {
    target: './src/device/client',
    from: './src/cms',
    message: 'Whoever starts a simulation names its generation; the device process finds the codec.',
  },
  {
    target: ['./src/cms/codecs.ts', ...codecFolders.map((folder) => `./src/cms/${folder}`)],
    from: ['./src/aws', './src/network'],
    message: 'A codec is pure: the device process loads it. It knows src/core and src/telemetry only.',
  },
  {
    target: ['./src/cms/codecs.ts', ...codecFolders.map((folder) => `./src/cms/${folder}`)],
    from: './src/cms',
    except: ['./codecs.ts', ...codecFolders.map((folder) => `./${folder}`)],
    message: 'A codec is pure: the device process loads it. It knows nothing else of its generation.',
  },
);

/** Each bundle has a copy of the class: an error of another bundle is no instance of this one's. */
const ownErrors = {
  selector: "BinaryExpression[operator='instanceof'][right.name='CmsError']",
  message: 'Bundles have copies of the class: use isCmsError.',
};

const noVscode = { name: 'vscode', message: 'Only src/editor and src/extension.ts know VS Code.' };
/** What reads without an end. */
const unbounded = ['node:fs/promises', 'node:fs'].map((name) => ({
  name,
  importNames: ['readFile', 'readFileSync', 'createReadStream'],
  message: 'What is read has an end: src/core/bounded.ts.',
}));
unbounded.push({ name: 'node:readline', message: 'A line has an end: linesOf of src/core/bounded.ts.' });

/** What shows text as it is: icons, links that run commands, controls. */
const shownAsItIs = {
  selector:
    "MemberExpression[object.property.name='window'][property.name=/^(show(Information|Warning|Error)Message|showQuickPick)$/]",
  message: 'Text of others is made harmless first: notify and pickOne of src/editor/base/shown.ts.',
};
const commandAsFunction = {
  selector:
    "CallExpression[callee.property.name='executeCommand'][arguments.0.value=/^cmsEnablement[.][A-Za-z]+$/]",
  message: 'Commands are for people and menus: call the function.',
};
const writesByEditor = {
  selector:
    "CallExpression[callee.object.property.name='fs'][callee.property.name=/^(writeFile|createDirectory|copy|rename)$/]",
  message: 'Files are written through src/core/safeFiles.ts.',
};

/** What changes a disk. Reading is free: what is read is checked where it is used. */
const writers = [
  'appendFile', 'chmod', 'chown', 'copyFile', 'cp', 'createWriteStream', 'lchown', 'link', 'mkdir', 'open', 'rename',
  'symlink', 'truncate', 'unlink', 'utimes', 'writeFile',
]; // prettier-ignore
const fsModules = ['fs', 'node:fs', 'fs/promises', 'node:fs/promises'];
/** The modules that open files so that no link is followed, and those that are made of them. */
const safeWriters = [
  'src/core/safeFiles.ts',
  'src/provisioning/fileOperations.ts',
  'src/provisioning/vehicleLock.ts',
  'src/sandbox/kernel/atomicFile.ts',
  'src/sandbox/kit/ownFiles.ts',
  'src/sandbox/kernel/lock.ts',
  'src/sandbox/kernel/stateFolder.ts',
];
const unsafeWriting = fsModules.map((name) => ({
  name,
  importNames: ['default', ...writers, ...writers.map((writer) => `${writer}Sync`)],
  message: 'Files are written through src/core/safeFiles.ts (the sandbox: src/sandbox/kernel/atomicFile.ts).',
}));
/** One function decides whose a certificate is, so one function takes certificates out of service. */
const rawRetiring = {
  regex: '/retireCertificate\\.ts$',
  message:
    'A certificate is taken out of service through src/provisioning/belonging.ts, which asks AWS IoT first.',
  allowTypeImports: true,
};

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules', '.test-output', '.start'] },
  js.configs.recommended,
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'tools/**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.json'] })] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/order': ['error', { 'newlines-between': 'ignore', alphabetize: { order: 'ignore' } }],
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/editor/**', 'src/extension.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: [noVscode] }],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: unsafeWriting, patterns: [rawRetiring] },
      ],
      'no-restricted-syntax': ['error', ownErrors],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: [
      'src/editor/**',
      'src/extension.ts',
      'src/sandbox/**',
      'src/core/bounded.ts',
      // Prompts at a terminal, where a person types.
      'src/cli/password.ts',
      // Files that this program writes itself.
      'src/cli/sandboxProcess.ts',
      'src/provisioning/vehicleLock.ts',
    ],
    rules: { 'no-restricted-imports': ['error', { paths: [noVscode, ...unbounded] }] },
  },
  {
    files: safeWriters,
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [rawRetiring] }] },
  },
  {
    files: ['src/provisioning/belonging.ts', 'src/aws/iot/cloudIdentities.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { paths: unsafeWriting }] },
  },
  {
    files: ['src/editor/**/*.ts', 'src/extension.ts', 'src/protocol/sandboxReady.ts'],
    ignores: ['src/editor/backend.ts'],
    rules: {
      // The extension is loaded when VS Code starts, and stays small: what is heavy is in the backend.
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'zod', message: 'zod/mini is enough here, and small.', allowTypeImports: true },
            ...unsafeWriting,
          ],
          patterns: [
            {
              // What the store says of a certificate is a type and two lines.
              regex:
                '^(\\.\\./\\.\\.|\\.)/(automation|aws|cms|provisioning|onboarding|device)/(?!stored\\.ts$|contract/(capability|needs)\\.ts$)',
              message: 'Too heavy for the start of VS Code: get it from the backend (src/editor/backend.ts).',
              allowTypeImports: true,
            },
            {
              regex: '/backend\\.ts$',
              message: 'It is loaded at first use: src/editor/base/loadBackend.ts.',
              allowTypeImports: true,
            },
          ],
        },
      ],
      'no-restricted-syntax': ['error', ownErrors, commandAsFunction, writesByEditor, shownAsItIs],
    },
  },
  {
    files: ['src/editor/base/shown.ts'],
    rules: { 'no-restricted-syntax': ['error', ownErrors, commandAsFunction, writesByEditor] },
  },
  {
    files: ['tools/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    plugins: { local: { rules: { 'asserting-tests': assertingTests } } },
    languageOptions: { globals: { it: 'readonly' } },
    rules: {
      'local/asserting-tests': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      'no-console': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: {
        Buffer: 'readonly',
        require: 'readonly',
        module: 'readonly',
        exports: 'writable',
        process: 'readonly',
        console: 'readonly',
        __dirname: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
      },
    },
    rules: { 'no-unused-vars': ['error', { ignoreRestSiblings: true }] },
  },
  prettier,
);
