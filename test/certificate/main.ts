import { readFileSync } from 'node:fs';
import type { Certificate } from 'attnsim';
import { checkCertificate, readProblems } from './check.ts';

// `npm run certificate FILE [BUDGET]`: checks a certificate; exits with 1 if a claim is wrong.
const [file = '', budget] = process.argv.slice(2);
const certificate = JSON.parse(readFileSync(file, 'utf8')) as Certificate;
const problems = await readProblems(certificate);
const { refused, trusted, evaluated, proven } = checkCertificate(
  certificate,
  problems,
  budget === undefined ? undefined : Number(budget),
);
const { bound } = certificate;
const lines = [
  ...refused.slice(0, 20).map((reason) => `wrong: ${reason}`),
  ...[...trusted].map(([claim, { times, all }]) => `not checked: ${claim}${all > 1 ? ` (${times} of ${all})` : ''}`),
  `${evaluated} mappings evaluated, ${refused.length} claims wrong`,
  proven === bound ? `bound ${bound}: checked` : `bound ${bound}: checked up to ${proven}, ${percent(proven / bound)}`,
];
process.stdout.write(`${lines.join('\n')}\n`);
process.exitCode = refused.length > 0 ? 1 : 0;

/** Rounded down. */
function percent(share: number): string {
  return `${Math.floor(share * 1e6) / 1e4}%`;
}
