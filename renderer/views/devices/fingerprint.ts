/**
 * Whether what somebody pasted holds the fingerprint shown. `ssh-keygen -l` prints size, fingerprint,
 * comment and kind on one line, for every key one; any line that matches will do.
 */
export function compareFingerprints(shown: string, pasted: string): 'nothing' | 'same' | 'different' {
  const found = pasted.match(/SHA256:[A-Za-z0-9+/]{20,}=*/g) ?? [];
  if (found.length === 0) return pasted.trim().length < 20 ? 'nothing' : 'different';
  const plain = (fingerprint: string): string => fingerprint.replace(/=+$/, '');
  return found.some((each) => plain(each) === plain(shown)) ? 'same' : 'different';
}
