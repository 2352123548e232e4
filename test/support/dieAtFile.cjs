// Loaded into a process by `node --require`: ends it as a power failure would, before its change number
// CMS_TEST_DIE_AT_FILE of what is below CMS_TEST_DIE_BELOW.
const files = require('node:fs/promises');

const at = Number(process.env.CMS_TEST_DIE_AT_FILE);
const below = process.env.CMS_TEST_DIE_BELOW;
let changes = 0;

/** @param {unknown} path */
function count(path) {
  if (typeof path !== 'string' || !path.startsWith(below)) return;
  changes += 1;
  if (changes === at) process.kill(process.pid, 'SIGKILL');
}

for (const name of ['mkdir', 'rename', 'rm', 'rmdir', 'unlink', 'writeFile', 'link', 'open']) {
  const original = files[name];
  files[name] = (path, ...rest) => {
    count(path);
    return original(path, ...rest);
  };
}
