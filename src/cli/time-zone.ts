/** `--tz`: the time zone for people's eyes, in HTML and on the terminal. Data formats are UTC whatever it says. */
import { PodtrailError } from '../base/errors.js';

/** The IANA name for `utc`, `local` or an IANA name; a usage error if there is no such zone. */
export function resolveTimeZone(name: string, localTimeZone: () => string): string {
  if (/^(utc|z)$/i.test(name)) return 'UTC';
  if (/^local$/i.test(name)) return localTimeZone();
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch (cause) {
    throw new PodtrailError('usage', `--tz ${name}: there is no such time zone`, {
      hint: 'Write utc, local, or a name such as Europe/Berlin.',
      cause,
    });
  }
}
