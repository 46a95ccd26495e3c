/** `npm run golden:update`: rewrites the files of test/golden. Read the difference before you commit it. */
import { spawnSync } from 'node:child_process';

const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', 'test/golden'];
const { status } = spawnSync(process.execPath, jest, {
  stdio: 'inherit',
  env: { ...process.env, PODTRAIL_UPDATE_GOLDEN: '1' },
});
process.exitCode = status ?? 1;
