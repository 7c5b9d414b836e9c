/** One thing that is wrong, or unwise, in settings that somebody is typing. */
import type { z } from 'zod';

export interface Issue {
  /** Of the field, with dots: `stop.targetAccuracy`, `options.alpha`, `devices.3.link`; '' for the whole. */
  path: string;
  severity: 'error' | 'warning';
  /** Stable: `too_small`, `unrecognized_keys`, `unknown_policy`, … */
  code: string;
  message: string;
  /** What would do, in words, where it can be said: `at least 1`. */
  range: string | null;
}

/** More would not be read. */
const MAX_ISSUES = 50;

/** What a schema found, field by field. */
export function issuesOf(error: z.ZodError, under = ''): Issue[] {
  return error.issues.slice(0, MAX_ISSUES).map((found) => {
    const path = [...(under === '' ? [] : [under]), ...found.path].join('.');
    return { path, severity: 'error', code: found.code, message: found.message, range: rangeIn(found) };
  });
}

function rangeIn(found: z.core.$ZodIssue): string | null {
  switch (found.code) {
    case 'too_small':
      return `${found.inclusive === false ? 'more than' : 'at least'} ${String(found.minimum)}`;
    case 'too_big':
      return `${found.inclusive === false ? 'less than' : 'at most'} ${String(found.maximum)}`;
    case 'invalid_value':
      return `one of ${found.values.map(String).join(', ')}`;
    case 'invalid_type':
      return `a value of type ${found.expected}`;
    default:
      return null;
  }
}
