/** Times of the document (RFC 3339 UTC) as people read them, in the time zone they asked for. */

export interface WallTime {
  /** `2026-11-23` */
  readonly date: string;
  /** `14:02:07.118` */
  readonly time: string;
}

export type Clock = (timestamp: string) => WallTime;

/** A clock for an IANA time zone. Times that RFC 3339 cannot write (`@SECONDS.N`) are shown as they are. */
export function clockFor(timeZone: string): Clock {
  if (timeZone === 'UTC') return splitUtc;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (timestamp) => {
    const moment = new Date(timestamp);
    if (Number.isNaN(moment.getTime())) return splitUtc(timestamp);
    const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
    return {
      date: `${part('year')}-${part('month')}-${part('day')}`,
      time: `${part('hour')}:${part('minute')}:${part('second')}${timestamp.slice(19, 23)}`,
    };
  };
}

function splitUtc(timestamp: string): WallTime {
  if (timestamp.startsWith('@')) return { date: '', time: timestamp };
  return { date: timestamp.slice(0, 10), time: timestamp.slice(11, 23) };
}
