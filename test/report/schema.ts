/** Compiled validators of src/model/document.schema.json, made by ajv in its strict mode. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../tools/shared.js';

export const documentSchema = JSON.parse(
  readFileSync(join(repositoryRoot, 'src/model/document.schema.json'), 'utf8'),
) as { readonly $id: string };

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
ajv.addSchema(documentSchema);

function validator(pointer: string): ValidateFunction {
  const found = ajv.getSchema(documentSchema.$id + pointer);
  if (found === undefined) throw new Error(`no schema at ${pointer}`);
  return found;
}

/** Problems of a value, or an empty list. */
export function problemsOf(
  value: unknown,
  pointer: '' | '#/$defs/connection' | '#/$defs/flow' | '#/$defs/segment' = '',
): string[] {
  const validate = validator(pointer);
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}
