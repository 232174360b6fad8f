import { invariant } from '../invariant.ts';
import type { Report } from './report.ts';
import { reportSchema } from './schema.ts';

/**
 * Checks what is written against its JSON Schema on the way out. Throws `InternalError` if it does not fit:
 * that is our bug, whatever the user gave. Loads ajv only when it is called.
 */
export async function checkAgainst(schema: object, value: object, noun: string): Promise<void> {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const validate = new Ajv2020({ allErrors: true }).compile(schema);
  if (validate(value)) return;
  const reasons = (validate.errors ?? []).map((e) => `${e.instancePath === '' ? '/' : e.instancePath} ${e.message}`);
  invariant(false, `the ${noun} does not fit its schema:\n  ${reasons.slice(0, 10).join('\n  ')}`);
}

export const validateReport = (report: Report): Promise<void> => checkAgainst(reportSchema, report, 'report');
