/** A reader of CSV after the grammar of RFC 4180 section 2, strict: it throws at anything that the grammar does not have. */
export function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    const [field, end] = text[at] === '"' ? readEscaped(text, at + 1) : readPlain(text, at);
    record.push(field);
    if (text.startsWith('\r\n', end)) {
      records.push(record);
      record = [];
      at = end + 2;
    } else if (text[end] === ',') {
      at = end + 1;
      if (text.startsWith('\r\n', at)) continue; // an empty last field
    } else {
      throw new Error(`neither comma nor CRLF at ${end}`);
    }
  }
  return records;
}

/** A plain field and where it ends. */
function readPlain(text: string, start: number): [string, number] {
  let end = start;
  while (end < text.length && text[end] !== ',' && text[end] !== '\r') {
    if (text[end] === '"' || text[end] === '\n') throw new Error(`bare quote or LF at ${end}`);
    end++;
  }
  return [text.slice(start, end), end];
}

function readEscaped(text: string, start: number): [string, number] {
  let field = '';
  let at = start;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) throw new Error(`unclosed quote before ${start}`);
    field += text.slice(at, quote);
    if (text[quote + 1] !== '"') return [field, quote + 1];
    field += '"';
    at = quote + 2;
  }
}
