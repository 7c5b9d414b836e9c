import { expect, it } from 'vitest';
import { withOwnName } from './own-name.ts';

it('a hint names the command that was used to get here', () => {
  const hint = 'Go on with: caduceus train --resume r-1';
  expect(withOwnName(hint, { npm_lifecycle_event: 'caduceus' })).toBe(
    'Go on with: npm run -s caduceus -- train --resume r-1',
  );
  expect(withOwnName(hint, {})).toBe(hint);
  const deploy = withOwnName('Then: caduceus deploy --all --failed-only', { npm_lifecycle_event: 'caduceus' });
  expect(deploy).toBe('Then: npm run -s caduceus -- deploy --all --failed-only');
});

it('the program’s name elsewhere in a sentence stays', () => {
  const text = 'Caduceus ended while this caduceus run was training';
  expect(withOwnName(text, { npm_lifecycle_event: 'demo' })).toBe(text);
});
