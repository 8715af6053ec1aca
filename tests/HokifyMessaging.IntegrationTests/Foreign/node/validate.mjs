// Reads an AsyncAPI document with the official parser and prints what it has to say, as a JSON array.
import { readFile } from 'node:fs/promises';
import { Parser } from '@asyncapi/parser';

const { document, diagnostics } = await new Parser().parse(await readFile(process.argv[2], 'utf8'));
console.log(JSON.stringify({
  parsed: document !== undefined,
  diagnostics: diagnostics.map(({ severity, code, path, message }) => ({ severity, code, path: path.join('.'), message })),
}));
